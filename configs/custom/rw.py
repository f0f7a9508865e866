"""RW on your own data.

python tools/train.py configs/custom/rw.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/rw.py']
