"""DB-Focal on COCO-MLT: Table 1. Paper: mAP 53.55 (head 51.13, medium 57.05, tail 51.06).

python tools/train.py configs/coco_mlt/db_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/db_focal.py']
