"""RS on COCO-MLT: Table 1. Paper: mAP 46.97 (head 47.58, medium 50.55, tail 41.70).
Erratum: Table 2 says 47.7 (head 46.44, medium 51.93, tail 43.23).

python tools/train.py configs/coco_mlt/rs.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/rs.py']
