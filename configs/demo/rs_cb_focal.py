"""RS+CB-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/rs_cb_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/rs_cb_focal.py']
