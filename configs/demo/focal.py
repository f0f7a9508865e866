"""Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/focal.py
"""

_base_ = '../_base_/demo_plain.py'

model = dict(head=dict(loss=dict(type='FocalLoss')))
