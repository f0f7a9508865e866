"""RS on features in matrices.

python tools/train.py configs/features/rs.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/rs.py']
