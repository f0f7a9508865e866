"""ResNet-50 from ImageNet, stem and first stage frozen, with the released code's neck."""

model = dict(
    backbone=dict(
        type='ResNet', depth=50, weights='IMAGENET1K_V1', frozen_stages=1, norm_eval=True
    ),
    # Released code: BatchNorm and dropout. Paper: not mentioned.
    neck=dict(type='PooledLinear', out_features=256, norm=True, dropout=0.5),
    head=dict(type='LinearHead'),
)
