"""Your own data: a folder with train.csv and test.csv, or .json (see docs/your_own_data.md)."""

import os

_base_ = ['runtime.py', 'loaders.py', 'resnet50.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/custom'
schedule = dict(warmup_share=1 / 8)  # of the run, whatever its length
# The set's mu and lambda, for the rows with this loss. Other rows replace it.
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=2.0)))
