"""RS-Focal on COCO-MLT: Table 1. Paper: mAP 51.14 (head 48.90, medium 54.79, tail 48.30).

python tools/train.py configs/coco_mlt/rs_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/rs_focal.py']
