"""RW on VOC-MLT: Table 1. Paper: mAP 74.70 (head 67.58, medium 82.81, tail 73.96).
No configuration was released; the reading is ours.

python tools/train.py configs/voc_mlt/rw.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/rw.py']
