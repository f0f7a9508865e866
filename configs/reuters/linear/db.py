"""DB on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.62 / 64.47.

python tools/train.py configs/reuters/linear/db.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/db.py']
