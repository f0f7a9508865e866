"""DB on Reuters, fine-tuned MiniLM.
Huang et al., with BERT: micro / macro F1 90.62 / 64.47.

python tools/train.py configs/reuters/tuned/db.py
"""

_base_ = ['../../_base_/reuters/tuned.py', '../../_base_/text_rows/db.py']
