"""ML-GCN on COCO-MLT: Table 1. Paper: mAP 44.24 (head 44.04, medium 48.36, tail 38.96).
No configuration was released; the definition is ours.

python tools/train.py configs/coco_mlt/ml_gcn.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/ml_gcn.py']
