"""NTR-FL on Reuters, a linear layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.70 / 60.70.

python tools/train.py configs/reuters/linear/ntr_fl.py
"""

_base_ = ['../../_base_/reuters/linear.py', '../../_base_/text_rows/ntr_fl.py']
