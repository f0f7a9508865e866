"""COCO-MLT: 1,909 training pictures of 80 classes (see data/README.md)."""

import os

_base_ = ['runtime.py', 'loaders.py', 'resnet50.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/coco_mlt'
schedule = dict(warmup_iterations=500)
# The set's mu and lambda, for the rows with this loss. Other rows replace it.
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=2.0)))
