from dbl.models import losses
from dbl.models.classifier import GlobalMaxPool, LinearHead, MultiLabelClassifier, PooledLinear
from dbl.models.conv_net import ConvNet
from dbl.models.features import Features
from dbl.models.ml_gcn import MLGCNHead, build_ml_gcn_head
from dbl.models.resnet import ResNet
from dbl.models.text_encoder import TextEncoder
from dbl.models.timm_backbone import TimmBackbone
from dbl.models.torchvision_backbone import TorchvisionBackbone

__all__ = [
    'ConvNet',
    'Features',
    'GlobalMaxPool',
    'LinearHead',
    'MLGCNHead',
    'MultiLabelClassifier',
    'PooledLinear',
    'ResNet',
    'TextEncoder',
    'TimmBackbone',
    'TorchvisionBackbone',
    'build_ml_gcn_head',
    'losses',
]
