"""CB-NTR on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.74 / 63.31.

python tools/train.py configs/reuters/hidden/cb_ntr.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/cb_ntr.py']
