"""A long-tailed subset of VOC 2007, with VOC-MLT's schedules and loss (see data/README.md)."""

import os

_base_ = ['voc_mlt.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/voc07_mlt'
