"""R-BCE on VOC-MLT: Table 1. Paper: mAP 76.34 (head 71.40, medium 82.76, tail 75.22).

python tools/train.py configs/voc_mlt/r_bce.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/r_bce.py']
