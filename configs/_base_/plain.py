"""80 epochs, the schedule of the rows without re-sampling."""

_base_ = 'resampled.py'

param_scheduler = [
    {{_base_.param_scheduler}}[0],
    dict(type='MultiStepLR', by_epoch=True, milestones=[55, 70], gamma=0.1),
]
train_cfg = dict(max_epochs=80)
