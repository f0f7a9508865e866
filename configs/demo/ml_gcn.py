"""ML-GCN on ShapesMLT, the demo, with one-hot word vectors, which know nothing of the classes.

python tools/train.py configs/demo/ml_gcn.py
"""

_base_ = ['../_base_/demo.py', '../_base_/plain_any_length.py']

model = dict(
    neck=dict(_delete_=True, type='GlobalMaxPool'),
    head=dict(type='MLGCNHead', word_vectors='one_hot', loss=dict(type='BCELoss')),
)
