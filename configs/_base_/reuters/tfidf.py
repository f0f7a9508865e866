"""TF-IDF, from `python -m dbl tfidf`."""

import os

_base_ = ['protocol.py']

data_root = os.environ.get('DBL_DATA', 'data') + '/reuters_tfidf'
train_dataloader = dict(batch_size=128)
base_batch_size = None
