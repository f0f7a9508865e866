"""8 epochs, the schedule of the rows with re-sampling; warm-up over 500 iterations."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=35, norm_type=2),
)
param_scheduler = [
    # mmengine reaches the full rate one iteration before `end`; the recipe wants it at 500.
    dict(type='LinearLR', start_factor=1 / 3, by_epoch=False, begin=0, end=501),
    dict(type='MultiStepLR', by_epoch=True, milestones=[5, 7], gamma=0.1),
]
# Evaluation follows the last epoch whatever the interval; lower it for curves.
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=8, val_interval=1000)
