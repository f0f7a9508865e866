"""ERM on your own data.

python tools/train.py configs/custom/erm.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/erm.py']
