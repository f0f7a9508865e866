"""The pictures of train.csv and test.csv (or .json), and what is made of them."""

image_size = 224
train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    # Released code: batches of one aspect ratio, padded. Paper: not mentioned.
    sampler=dict(type='AspectGroupedSampler'),
    dataset=dict(
        source=dict(type='AnnotatedFiles', ann_file='train'),
        memory_budget=4,  # GB of decoded pictures
        # Released code: the whole picture is distorted, then cropped. Paper: not mentioned.
        pipeline=[dict(type='RandomCrop'), dict(type='Resize')],
        # A GPU does these on whole batches. On the CPU, the workers do them image by image.
        batch_pipeline=[
            dict(type='RandomFlip'),
            dict(type='PhotometricDistortion'),
            dict(type='Normalize'),
        ],
    ),
)
test_dataloader = dict(
    batch_size=128,
    num_workers=4,
    dataset=dict(
        source=dict(type='AnnotatedFiles', ann_file='test'),
        pipeline=[dict(type='Resize')],
        batch_pipeline=[dict(type='Normalize')],
    ),
)
