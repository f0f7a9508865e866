"""DB-0FL on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.45 / 57.98.

python tools/train.py configs/reuters/linear/db_0fl.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/db_0fl.py']
