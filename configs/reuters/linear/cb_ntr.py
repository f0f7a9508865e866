"""CB-NTR on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.74 / 63.31.

python tools/train.py configs/reuters/linear/cb_ntr.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/cb_ntr.py']
