"""RS-Focal on a head-to-tail subset of VOC 2007.

python tools/train.py configs/voc07/rs_focal.py
"""

_base_ = ['../_base_/voc07.py', '../_base_/rows/rs_focal.py']
