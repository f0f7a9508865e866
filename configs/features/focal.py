"""Focal on features in matrices.

python tools/train.py configs/features/focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/focal.py']
