"""Shapes of ten kinds that the demo does not have: its network's stand-in for ImageNet.

python -m dbl.pretraining dbl/models/weights/shapes.pth
"""

_base_ = 'demo.py'

train_dataloader = dict(
    sampler=dict(type='ShuffleSampler'),
    dataset=dict(
        source=dict(type='OtherShapes', split='train'),
        pipeline=[dict(type='Resize')],  # a crop might miss the shape
        batch_pipeline=[dict(type='RandomFlip'), dict(type='Normalize')],
    ),
)
test_dataloader = dict(dataset=dict(source=dict(type='OtherShapes', split='test')))
model = dict(
    backbone=dict(weights=None, norm_eval=False),
    neck=dict(norm=False, dropout=0.0),
    head=dict(loss=dict(type='BCELoss')),
)
optimizer = dict(lr=0.4)
epochs = 16
schedule = dict(type='CosineDecay')
