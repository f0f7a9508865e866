_base_ = 'runtime.py'

model = dict(
    type='MultiLabelClassifier',
    backbone=dict(
        type='ResNet', depth=50, weights='IMAGENET1K_V1', frozen_stages=1, norm_eval=True
    ),
    neck=dict(type='PooledLinear', out_features=256, norm=True, dropout=0.5),
    head=dict(type='LinearHead'),
)
