"""Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/focal.py']
