"""R-FL: focal loss, with re-balanced weights, which is DB without tolerance of negatives."""

_base_ = 'db.py'

model = dict(head=dict(loss=dict(lam=1.0, kappa=0.0)))
