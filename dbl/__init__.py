"""Distribution-Balanced Loss for multi-label recognition in long-tailed data sets."""

__version__ = '0.1.0'
