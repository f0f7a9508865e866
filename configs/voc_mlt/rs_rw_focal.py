"""RS+RW-Focal on VOC-MLT: Table 2. Paper: mAP 71.96 (head 63.14, medium 81.09, tail 71.73).
No configuration was released; the reading is ours.

python tools/train.py configs/voc_mlt/rs_rw_focal.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/rs_rw_focal.py']
