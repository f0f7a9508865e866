"""RS+CB-Focal: class-balanced focal loss under class-aware re-sampling."""

_base_ = '../schedules/resampled.py'

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='ClassBalancedLoss')))
