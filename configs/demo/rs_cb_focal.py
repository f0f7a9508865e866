"""RS+CB-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/rs_cb_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/resampled_any_length.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='ClassBalancedLoss')))
