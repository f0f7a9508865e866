from dbl.models import losses
from dbl.models.classifier import DataPreprocessor, MultiLabelClassifier
from dbl.models.conv_net import ConvNet
from dbl.models.heads import LinearHead
from dbl.models.necks import PooledLinear
from dbl.models.resnet import ResNet

__all__ = [
    'ConvNet',
    'DataPreprocessor',
    'LinearHead',
    'MultiLabelClassifier',
    'PooledLinear',
    'ResNet',
    'losses',
]
