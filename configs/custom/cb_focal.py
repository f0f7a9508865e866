"""CB-Focal on your own data.

python tools/train.py configs/custom/cb_focal.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/plain_any_length.py']

model = dict(head=dict(loss=dict(type='ClassBalancedLoss')))
