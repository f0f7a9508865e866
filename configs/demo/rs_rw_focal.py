"""RS+RW-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/rs_rw_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/rs_rw_focal.py']
