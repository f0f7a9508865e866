"""RW on features in matrices.

python tools/train.py configs/features/rw.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/rw.py']
