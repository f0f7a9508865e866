"""RS-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/rs_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/rs_focal.py']
