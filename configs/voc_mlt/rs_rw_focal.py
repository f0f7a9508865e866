"""RS+RW-Focal on VOC-MLT: Table 2. Paper: mAP 71.96 (head 63.14, medium 81.09, tail 71.73).
No configuration was released; the reading is ours.

python tools/train.py configs/voc_mlt/rs_rw_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/resampled.py']

train_dataloader = dict(sampler=dict(type='ClassAwareSampler'))
model = dict(head=dict(loss=dict(type='InverseFrequencyLoss', gamma=2.0, scale=2.0)))
