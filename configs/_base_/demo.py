"""ShapesMLT, drawn from a seed: no data, no download, a small pretrained network."""

_base_ = ['runtime.py', 'loaders.py', 'resnet50.py']

image_size = 64
train_dataloader = dict(
    num_workers=2,
    dataset=dict(source=dict(type='ShapesMLT', split='train'), memory_budget=1),
)
test_dataloader = dict(
    batch_size=250,
    num_workers=2,
    dataset=dict(source=dict(type='ShapesMLT', split='test')),
)
schedule = dict(warmup_share=1 / 8)  # of the run, whatever its length
model = dict(
    # Pretrained on shapes of other kinds: the stand-in for ImageNet.
    backbone=dict(type='ConvNet', channels=[16, 32, 64, 192], weights='SHAPES', norm_eval=True),
    # The set's mu and lambda, for the rows with this loss. Other rows replace it.
    head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=2.0)),
)
