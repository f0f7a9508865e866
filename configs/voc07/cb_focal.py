"""CB-Focal on a head-to-tail subset of VOC 2007.

python tools/train.py configs/voc07/cb_focal.py
"""

_base_ = ['../_base_/voc07.py', '../_base_/rows/cb_focal.py']
