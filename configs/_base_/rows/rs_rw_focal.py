"""RS+RW-Focal: focal loss with the weights of RW."""

_base_ = '../schedules/resampled.py'

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='InverseFrequencyLoss', gamma=2.0, scale=2.0)))
