"""RS-Focal on VOC-MLT: Table 1. Paper: mAP 76.45 (head 72.05, medium 83.42, tail 74.52).

python tools/train.py configs/voc_mlt/rs_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/rs_focal.py']
