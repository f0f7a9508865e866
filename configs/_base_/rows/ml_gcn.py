"""ML-GCN: binary cross entropy on a graph of the classes, without a neck."""

_base_ = '../schedules/plain.py'

model = dict(
    neck=dict(type='GlobalMaxPool'),
    head=dict(type='MLGCNHead', word_vectors='word_vectors.npz', loss=dict(type='BCELoss')),
)
