"""ERM on ShapesMLT, the demo.

python tools/train.py configs/demo/erm.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/erm.py']
