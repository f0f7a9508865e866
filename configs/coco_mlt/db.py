"""DB on COCO-MLT: Table 1. Paper: mAP 52.53 (head 50.25, medium 56.33, tail 49.54).

python tools/train.py configs/coco_mlt/db.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/resampled.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(
    head=dict(loss=dict(type='DistributionBalancedLoss', mu=0.2, lam=2.0, gamma=0.0, scale=1.0))
)
