"""CB-Focal on VOC-MLT: Table 1. Paper: mAP 75.24 (head 70.30, medium 83.53, tail 72.74).
Erratum: equals RS+CB-Focal of Table 2, so it probably includes RS (rs_cb_focal.py).

python tools/train.py configs/voc_mlt/cb_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/cb_focal.py']
