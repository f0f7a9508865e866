"""RS-Focal on your own data.

python tools/train.py configs/custom/rs_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/rs_focal.py']
