"""MiniLM's sentence vectors, from `python -m dbl features`, and one hidden layer."""

import os

_base_ = ['protocol.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/reuters_minilm'
model = dict(neck=dict(norm=False, relu=True))
