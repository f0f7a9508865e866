"""LDAM on VOC-MLT: Table 1. Paper: mAP 70.73 (head 68.73, medium 80.38, tail 69.09).
Erratum: the groups imply a total of 72.37.
No configuration was released; the form for many labels is ours.

python tools/train.py configs/voc_mlt/ldam.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/ldam.py']
