"""CB-NTR on Reuters, fine-tuned MiniLM.
Huang et al., with BERT: micro / macro F1 90.74 / 63.31.

python tools/train.py configs/reuters/tuned/cb_ntr.py
"""

_base_ = ['../../_base_/reuters/tuned.py', '../../_base_/text_rows/cb_ntr.py']
