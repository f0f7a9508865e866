"""ERM on VOC-MLT: Table 1. Paper: mAP 70.86 (head 68.91, medium 80.20, tail 65.31).

python tools/train.py configs/voc_mlt/erm.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/erm.py']
