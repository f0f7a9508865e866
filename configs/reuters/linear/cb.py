"""CB on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.23 / 52.96.

python tools/train.py configs/reuters/linear/cb.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/cb.py']
