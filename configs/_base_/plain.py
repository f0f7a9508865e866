"""80 epochs: the schedule of the rows without re-sampling."""

param_scheduler = [
    # mmengine reaches the full rate one iteration before `end`; the recipe wants it at 500.
    dict(type='LinearLR', start_factor=1 / 3, by_epoch=False, begin=0, end=501),
    # Released code: 55 and 70. Paper: not given; a comment in the released COCO config says 75.
    dict(type='MultiStepLR', milestones=[55, 70], gamma=0.1),
]
# Evaluation follows the last epoch whatever the interval; lower it for curves.
train_cfg = dict(type='ResumableTrainLoop', max_epochs=80, val_interval=1000)
