"""DB on ShapesMLT, the demo.

python tools/train.py configs/demo/db.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/db.py']
