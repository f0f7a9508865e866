"""R-BCE-Focal: focal loss with re-balanced weights."""

_base_ = '../schedules/resampled.py'

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', lam=1.0, kappa=0.0)))
