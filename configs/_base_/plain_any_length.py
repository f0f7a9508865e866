"""The schedule without re-sampling for epochs of any length: warm-up over an eighth of the run."""

_base_ = 'plain.py'

param_scheduler = [
    dict(type='LinearLR', start_factor=1 / 3, begin=0, end=10, convert_to_iter_based=True),
    dict(type='MultiStepLR', milestones=[55, 70], gamma=0.1),
]
