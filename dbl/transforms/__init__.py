"""What is done to pictures before the network gets them, one by one or in whole batches."""

from dbl.transforms.base import BatchedTransform, Transform
from dbl.transforms.geometric import RandomCrop, RandomFlip, Resize
from dbl.transforms.normalize import Normalize
from dbl.transforms.photometric import PhotometricDistortion
from dbl.transforms.reference import ReferenceTransform
from dbl.transforms.tokenize import Tokenize
from dbl.transforms.views import AnyView

__all__ = [
    'AnyView',
    'BatchedTransform',
    'Normalize',
    'PhotometricDistortion',
    'RandomCrop',
    'RandomFlip',
    'ReferenceTransform',
    'Resize',
    'Tokenize',
    'Transform',
]
