from dbl.models import losses
from dbl.models.classifier import DataPreprocessor, MultiLabelClassifier
from dbl.models.conv_net import ConvNet
from dbl.models.graph_head import GraphHead, ml_gcn_head
from dbl.models.heads import LinearHead
from dbl.models.necks import GlobalMaxPool, PooledLinear
from dbl.models.resnet import ResNet

__all__ = [
    'ConvNet',
    'DataPreprocessor',
    'GlobalMaxPool',
    'GraphHead',
    'LinearHead',
    'MultiLabelClassifier',
    'PooledLinear',
    'ResNet',
    'losses',
    'ml_gcn_head',
]
