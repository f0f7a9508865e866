"""ML-GCN on your own data, with one-hot word vectors, which know nothing of the classes.

python tools/train.py configs/custom/ml_gcn.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/custom.py', '../_base_/rows/ml_gcn.py']

model = dict(head=dict(word_vectors='one_hot'))
