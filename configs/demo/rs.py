"""RS on ShapesMLT, the demo.

python tools/train.py configs/demo/rs.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/rs.py']
