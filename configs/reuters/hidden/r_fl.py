"""R-FL on Reuters, one hidden layer on TF-IDF.
Huang et al., with BERT: micro / macro F1 89.47 / 54.35.

python tools/train.py configs/reuters/hidden/r_fl.py
"""

_base_ = ['../../_base_/reuters/hidden.py', '../../_base_/text_rows/r_fl.py']
