"""BCE on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.14 / 47.32.

python tools/train.py configs/reuters/hidden/bce.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/bce.py']
