"""RW on COCO-MLT: Table 1. Paper: mAP 42.27 (head 48.62, medium 45.80, tail 32.02).
No configuration was released; the reading is ours.

python tools/train.py configs/coco_mlt/rw.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/rw.py']
