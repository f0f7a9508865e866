"""DB-Focal on VOC-MLT: Table 1. Paper: mAP 78.94 (head 73.22, medium 84.18, tail 79.30).

python tools/train.py configs/voc_mlt/db_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/db_focal.py']
