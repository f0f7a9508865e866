"""DB-0FL: DB without focal."""

_base_ = 'db.py'

model = dict(head=dict(loss=dict(gamma=0.0)))
