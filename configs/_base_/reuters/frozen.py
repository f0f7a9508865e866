"""MiniLM's mean states, from `python -m dbl features`, and one hidden layer."""

import os

_base_ = ['protocol.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/reuters_minilm'
train_dataloader = dict(batch_size=128)
base_batch_size = None
# Of .001, .003 and .01 the best for BCE on validation.
optimizer = dict(lr=0.01)
model = dict(neck=dict(norm=False, relu=True))
