"""RW on ShapesMLT, the demo.

python tools/train.py configs/demo/rw.py
"""

_base_ = ['../_base_/demo.py', '../_base_/plain_any_length.py']

model = dict(head=dict(loss=dict(type='InverseFrequencyLoss')))
