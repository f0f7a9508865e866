"""RW: binary cross entropy, weighted by inverse class frequency."""

_base_ = '../schedules/plain.py'

model = dict(head=dict(loss=dict(type='InverseFrequencyLoss')))
