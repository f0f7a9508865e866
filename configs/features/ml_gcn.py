"""ML-GCN on features in matrices, with one-hot word vectors, which know nothing of the classes.

python tools/train.py configs/features/ml_gcn.py --cfg-options data_root=FOLDER
"""

_base_ = ['../_base_/features.py', '../_base_/rows/ml_gcn.py']

model = dict(head=dict(word_vectors='one_hot'))
