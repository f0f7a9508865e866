"""Your own data: a folder with train.csv and test.csv (or .json), see docs/your_own_data.md."""

_base_ = 'resnet50.py'

data_root = '{{$DBL_DATA:data}}/custom'
train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    # Released code: batches of one aspect ratio, padded. Paper: not mentioned.
    sampler=dict(type='AspectGroupedSampler'),
    dataset=dict(
        type='MultiLabelDataset',
        ann_file='train',
        memory_budget=4,  # GB of decoded pictures
        pipeline=[
            # Released code: the whole picture is distorted, then cropped. Paper: not mentioned.
            dict(type='RandomCrop'),
            dict(type='Resize', size=224),
            dict(type='ToDevice'),  # a GPU does the rest, on whole batches
            dict(type='RandomFlip'),
            dict(type='PhotometricDistortion'),
            dict(type='Normalize'),
        ],
    ),
)
test_dataloader = dict(
    batch_size=128,
    num_workers=4,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MultiLabelDataset',
        ann_file='test',
        pipeline=[dict(type='Resize', size=224), dict(type='ToDevice'), dict(type='Normalize')],
    ),
)
test_evaluator = dict(type='MultiLabelMetric', head=100, tail=20)
