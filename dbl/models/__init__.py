from dbl.models import losses
from dbl.models.classifier import DataPreprocessor, MultiLabelClassifier
from dbl.models.conv_net import ConvNet
from dbl.models.heads import LinearHead
from dbl.models.ml_gcn import MLGCNHead, build_ml_gcn_head
from dbl.models.necks import GlobalMaxPool, PooledLinear
from dbl.models.resnet import ResNet

__all__ = [
    'ConvNet',
    'DataPreprocessor',
    'GlobalMaxPool',
    'LinearHead',
    'MLGCNHead',
    'MultiLabelClassifier',
    'PooledLinear',
    'ResNet',
    'build_ml_gcn_head',
    'losses',
]
