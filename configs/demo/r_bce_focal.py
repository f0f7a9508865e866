"""R-BCE-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/r_bce_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/resampled_any_length.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=1.0, kappa=0.0)))
