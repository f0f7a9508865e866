"""R-BCE-Focal on your own data.

python tools/train.py configs/custom/r_bce_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/resampled_any_length.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=1.0, kappa=0.0)))
