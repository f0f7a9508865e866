"""Features in matrices: of a frozen backbone, or your own (see docs/using_a_model.md)."""

import os

_base_ = ['custom.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/features'
image_size = None
train_dataloader = dict(
    num_workers=0,
    sampler=dict(type='ShuffleSampler'),
    dataset=dict(
        source=dict(type='FeatureMatrix', ann_file='train'),
        memory_budget=0,
        pipeline=[dict(type='AnyView')],
        batch_pipeline=[],
    ),
)
test_dataloader = dict(
    num_workers=0,
    dataset=dict(
        source=dict(type='FeatureMatrix', ann_file='test'),
        pipeline=[dict(type='AnyView')],
        batch_pipeline=[],
    ),
)
model = dict(backbone=dict(type='Features'))
