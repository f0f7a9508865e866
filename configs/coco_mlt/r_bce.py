"""R-BCE on COCO-MLT: Table 1. Paper: mAP 49.43 (head 48.77, medium 53.00, tail 45.33).

python tools/train.py configs/coco_mlt/r_bce.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/r_bce.py']
