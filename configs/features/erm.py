"""ERM on features in matrices.

python tools/train.py configs/features/erm.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/erm.py']
