"""How a run goes, whatever its data, network and loss."""

seed = 0
deterministic = False
# The rate is that of a batch of 32 over all processes. With another one it grows in proportion, and
# a warm-up counted in iterations shrinks. None leaves both as they are.
optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
base_batch_size = 32
clip_norm = 35
schedule = dict(type='StepDecay', gamma=0.1, warmup_factor=1 / 3)
precision = 'float32'
compile = False
sync_bn = True
evaluate_every = None  # after the last epoch alone; 1 for curves
log_every = 50  # iterations
checkpoint = dict(minutes=10, iterations=None)  # besides the one after each epoch
# Released code: head from 100 training images. Paper: over 100.
metric = dict(type='MultiLabelMetric', head=100, tail=20)
