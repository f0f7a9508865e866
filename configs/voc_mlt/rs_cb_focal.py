"""RS+CB-Focal on VOC-MLT: Table 2. Paper: mAP 75.24 (head 70.30, medium 83.53, tail 72.74).

python tools/train.py configs/voc_mlt/rs_cb_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/rs_cb_focal.py']
