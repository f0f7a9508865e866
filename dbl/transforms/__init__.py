from dbl.transforms.base import BatchedTransform, Transform
from dbl.transforms.crop import RandomCrop
from dbl.transforms.distortion import PhotometricDistortion
from dbl.transforms.flip import RandomFlip
from dbl.transforms.normalize import Normalize
from dbl.transforms.reference import ReferenceTransform
from dbl.transforms.resize import Resize
from dbl.transforms.to_device import ToDevice

__all__ = [
    'BatchedTransform',
    'Normalize',
    'PhotometricDistortion',
    'RandomCrop',
    'RandomFlip',
    'ReferenceTransform',
    'Resize',
    'ToDevice',
    'Transform',
]
