"""RS+RW-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/rs_rw_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/resampled_any_length.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='InverseFrequencyLoss', gamma=2.0, scale=2.0)))
