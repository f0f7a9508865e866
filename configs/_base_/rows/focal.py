"""Focal: focal loss."""

_base_ = '../schedules/plain.py'

model = dict(head=dict(loss=dict(type='FocalLoss')))
