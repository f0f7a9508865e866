"""Focal on VOC-MLT: Table 1. Paper: mAP 73.88 (head 69.41, medium 81.43, tail 71.56).

python tools/train.py configs/voc_mlt/focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/focal.py']
