"""FL on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.97 / 56.83.

python tools/train.py configs/reuters/linear/fl.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/fl.py']
