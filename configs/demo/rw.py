"""RW on ShapesMLT, the demo.

python tools/train.py configs/demo/rw.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/rw.py']
