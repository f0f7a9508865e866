"""ERM: binary cross entropy."""

_base_ = '../schedules/plain.py'

model = dict(head=dict(loss=dict(type='BCELoss')))
