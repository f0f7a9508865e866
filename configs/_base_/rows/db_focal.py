"""DB-Focal: re-balanced weights and negative tolerance, with focal."""

_base_ = '../schedules/resampled.py'

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='DistributionBalancedLoss')))
