"""R-BCE-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/r_bce_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/r_bce_focal.py']
