"""DB-0FL on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.45 / 57.98.

python tools/train.py configs/reuters/hidden/db_0fl.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/db_0fl.py']
