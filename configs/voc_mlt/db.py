"""DB on VOC-MLT: Table 1. Paper: mAP 78.65 (head 73.16, medium 84.11, tail 78.66).

python tools/train.py configs/voc_mlt/db.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/db.py']
