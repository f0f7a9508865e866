"""RS+CB-Focal on COCO-MLT: Table 2. Paper: mAP 50.07 (head 48.45, medium 54.03, tail 48.28).
Erratum: the groups imply a total of 50.70.

python tools/train.py configs/coco_mlt/rs_cb_focal.py
"""

_base_ = ['../_base_/coco_mlt.py', '../_base_/rows/rs_cb_focal.py']
