"""CB-Focal on your own data.

python tools/train.py configs/custom/cb_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/cb_focal.py']
