"""RS+RW-Focal on COCO-MLT: Table 2. Paper: mAP 49.07 (head 47.80, medium 52.09, tail 46.20).
No configuration was released; the reading is ours.

python tools/train.py configs/coco_mlt/rs_rw_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/resampled.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='InverseFrequencyLoss', gamma=2.0, scale=2.0)))
