from dbl.transforms.base import Transform
from dbl.transforms.crop import RandomCrop
from dbl.transforms.distortion import PhotometricDistortion
from dbl.transforms.flip import RandomFlip
from dbl.transforms.normalize import Normalize
from dbl.transforms.resize import Resize

__all__ = [
    'Normalize',
    'PhotometricDistortion',
    'RandomCrop',
    'RandomFlip',
    'Resize',
    'Transform',
]
