"""R-BCE on ShapesMLT, the demo.

python tools/train.py configs/demo/r_bce.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/r_bce.py']
