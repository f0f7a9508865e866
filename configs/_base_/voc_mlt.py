"""VOC-MLT: 1,142 training pictures of 20 classes (see data/README.md)."""

import os

_base_ = ['runtime.py', 'loaders.py', 'resnet50.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/voc_mlt'
schedule = dict(warmup_iterations=500)
# The set's mu and lambda, for the rows with this loss. Other rows replace it.
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.3, lam=5.0)))
