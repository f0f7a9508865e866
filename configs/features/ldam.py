"""LDAM on features in matrices.

python tools/train.py configs/features/ldam.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/ldam.py']
