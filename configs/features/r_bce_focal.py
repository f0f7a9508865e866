"""R-BCE-Focal on features in matrices.

python tools/train.py configs/features/r_bce_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/r_bce_focal.py']
