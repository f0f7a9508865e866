"""NTR-FL on Reuters, fine-tuned MiniLM.
Huang et al., with BERT: micro / macro F1 90.70 / 60.70.

python tools/train.py configs/reuters/tuned/ntr_fl.py
"""

_base_ = ['../../_base_/reuters/tuned.py', '../../_base_/text_rows/ntr_fl.py']
