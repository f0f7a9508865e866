"""LDAM on COCO-MLT: Table 1. Paper: mAP 40.53 (head 48.77, medium 48.38, tail 22.92).
No configuration was released; the form for many labels is ours.

python tools/train.py configs/coco_mlt/ldam.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/ldam.py']
