"""R-BCE-Focal on VOC-MLT: Table 1. Paper: mAP 77.39 (head 72.44, medium 83.16, tail 76.77).

python tools/train.py configs/voc_mlt/r_bce_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/r_bce_focal.py']
