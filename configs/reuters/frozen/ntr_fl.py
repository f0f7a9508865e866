"""NTR-FL on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 90.70 / 60.70.

python tools/train.py configs/reuters/frozen/ntr_fl.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/ntr_fl.py']
