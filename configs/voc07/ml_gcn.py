"""ML-GCN on a head-to-tail subset of VOC 2007.

python tools/train.py configs/voc07/ml_gcn.py
"""

_base_ = ['../_base_/voc07.py', '../_base_/rows/ml_gcn.py']
