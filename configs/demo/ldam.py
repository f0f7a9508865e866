"""LDAM on ShapesMLT, the demo.

python tools/train.py configs/demo/ldam.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/ldam.py']
