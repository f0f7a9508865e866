"""How a run goes, whatever its data, network and loss."""

seed = 0
deterministic = False
init_from = None  # a checkpoint, for fine-tuning
# Images to validate on, apart from the test set: a share of the training set, or a file of their
# own, such as val_source = dict(ann_file='val').
val_fraction = None
val_seed = 0
val_source = None
# The rate is that of a batch of 32 over all processes. With a larger batch it grows in proportion,
# and a warm-up counted in iterations shrinks. base_batch_size=None leaves both as they are.
optimizer = dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4)
base_batch_size = 32
accumulate = 1  # batches per step
backbone_lr = None  # the same as that of the rest
clip_norm = 35
ema = None
schedule = dict(type='StepDecay', gamma=0.1, warmup_factor=1 / 3)
precision = 'float32'
compile = False
cuda_graph = None
sync_bn = True
# None: after the last epoch alone, or after each if one is selected. 1 gives curves.
evaluate_every = None
select = 'last'  # nothing is selected; 'best': the best epoch on the images for validation
select_by = 'mAP/total'  # or 'F1/micro' or 'F1/macro', at a probability of 1/2
patience = None
log_every = 50  # iterations
checkpoint = dict(minutes=10, iterations=None, spacing=10, keep=1)  # minutes: within an epoch
# Released code: head from 100 training images. Paper: over 100.
metric = dict(type='MultiLabelMetric', head=100, tail=20)
