"""DB-Focal on ShapesMLT, the demo.

python tools/train.py configs/demo/db_focal.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/db_focal.py']
