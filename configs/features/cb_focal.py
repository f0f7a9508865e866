"""CB-Focal on features in matrices.

python tools/train.py configs/features/cb_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/cb_focal.py']
