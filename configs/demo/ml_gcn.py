"""ML-GCN on ShapesMLT, the demo, with one-hot word vectors, which know nothing of the classes.

python tools/train.py configs/demo/ml_gcn.py
"""

_base_ = ['../_base_/demo.py', '../_base_/rows/ml_gcn.py']

model = dict(head=dict(word_vectors='one_hot'))
