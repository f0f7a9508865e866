"""RS on VOC-MLT: Table 1. Paper: mAP 75.38 (head 70.95, medium 82.94, tail 73.05).

python tools/train.py configs/voc_mlt/rs.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/rs.py']
