from dbl.models import losses
from dbl.models.classifier import GlobalMaxPool, LinearHead, MultiLabelClassifier, PooledLinear
from dbl.models.conv_net import ConvNet
from dbl.models.ml_gcn import MLGCNHead, build_ml_gcn_head
from dbl.models.resnet import ResNet

__all__ = [
    'ConvNet',
    'GlobalMaxPool',
    'LinearHead',
    'MLGCNHead',
    'MultiLabelClassifier',
    'PooledLinear',
    'ResNet',
    'build_ml_gcn_head',
    'losses',
]
