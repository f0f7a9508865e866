"""DB: re-balanced weights and negative tolerance, without focal."""

_base_ = '../schedules/resampled.py'

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss', gamma=0.0, scale=1.0)))
