"""CB-Focal on COCO-MLT: Table 1. Paper: mAP 49.06 (head 47.91, medium 53.01, tail 44.85).

python tools/train.py configs/coco_mlt/cb_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/cb_focal.py']
