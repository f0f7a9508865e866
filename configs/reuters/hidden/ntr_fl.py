"""NTR-FL on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 90.70 / 60.70.

python tools/train.py configs/reuters/hidden/ntr_fl.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/ntr_fl.py']
