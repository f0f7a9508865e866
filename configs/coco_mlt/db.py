"""DB on COCO-MLT: Table 1. Paper: mAP 52.53 (head 50.25, medium 56.33, tail 49.54).

python tools/train.py configs/coco_mlt/db.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/db.py']
