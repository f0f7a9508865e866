"""R-BCE on a head-to-tail subset of VOC 2007.

python tools/train.py configs/voc07/r_bce.py
"""

_base_ = ['../_base_/voc07.py', '../_base_/rows/r_bce.py']
