"""DB on VOC-MLT: Table 1. Paper: mAP 78.65 (head 73.16, medium 84.11, tail 78.66).

python tools/train.py configs/voc_mlt/db.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/resampled.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(
    head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.3, lam=5.0, gamma=0.0, scale=1.0))
)
