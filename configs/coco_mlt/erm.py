"""ERM on COCO-MLT: Table 1. Paper: mAP 41.27 (head 48.48, medium 49.06, tail 24.25).
Erratum: the groups imply a total of 41.15.

python tools/train.py configs/coco_mlt/erm.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/erm.py']
