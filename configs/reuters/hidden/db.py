"""DB on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.62 / 64.47.

python tools/train.py configs/reuters/hidden/db.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/db.py']
