"""ML-GCN on VOC-MLT: Table 1. Paper: mAP 68.92 (head 70.14, medium 76.41, tail 62.39).
No configuration was released; the definition is ours.

python tools/train.py configs/voc_mlt/ml_gcn.py
"""

_base_ = ['../_base_/voc_mlt.py', '../_base_/rows/ml_gcn.py']
