"""R-BCE-Focal on COCO-MLT: Table 1. Paper: mAP 52.75 (head 50.20, medium 56.52, tail 50.02).

python tools/train.py configs/coco_mlt/r_bce_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/r_bce_focal.py']
