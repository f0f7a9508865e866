"""DB-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/db_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/resampled_any_length.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=2.0)))
