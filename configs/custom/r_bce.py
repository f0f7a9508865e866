"""R-BCE on your own data.

python tools/train.py configs/custom/r_bce.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/r_bce.py']
