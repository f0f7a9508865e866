"""RS+RW-Focal on COCO-MLT: Table 2. Paper: mAP 49.07 (head 47.80, medium 52.09, tail 46.20).
No configuration was released; the reading is ours.

python tools/train.py configs/coco_mlt/rs_rw_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/rs_rw_focal.py']
