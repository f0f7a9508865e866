default_scope = 'dbl'
randomness = dict(seed=0)
env_cfg = dict(cudnn_benchmark=True, mp_cfg=dict(mp_start_method='fork', opencv_num_threads=1))
optim_wrapper = dict(
    type='DeferredOptimWrapper',
    optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=35, norm_type=2),
)
# The rate is that of a batch of 32 over all processes; with another one it grows in proportion, and
# a warm-up counted in iterations shrinks.
auto_scale_lr = dict(enable=True, base_batch_size=32)
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50, log_metric_by_epoch=False),
    checkpoint=dict(type='CheckpointHook', interval=1),  # our Runner keeps the newest alone
    mid_epoch_checkpoint=dict(type='MidEpochCheckpointHook', minutes=10),
    runtime_info=dict(type='DeferredInfoHook'),
    stop_signals=dict(type='StopSignalsHook'),
    plain_checkpoint=dict(type='PlainCheckpointHook'),
    run_file=dict(type='RunFileHook'),
    metrics_file=dict(type='MetricsFileHook'),
    # The processes' running statistics differ; all are evaluated with what is saved.
    sync_buffers=dict(type='SyncBuffersHook'),
)
visualizer = dict(
    type='Visualizer',
    vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')],
)
