"""LDAM: binary cross entropy with class margins."""

_base_ = '../schedules/plain.py'

model = dict(head=dict(loss=dict(type='LDAMLoss')))
