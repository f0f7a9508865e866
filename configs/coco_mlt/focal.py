"""Focal on COCO-MLT: Table 1. Paper: mAP 49.46 (head 49.80, medium 54.77, tail 42.14).

python tools/train.py configs/coco_mlt/focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/focal.py']
