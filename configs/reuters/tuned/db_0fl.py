"""DB-0FL on Reuters, fine-tuned MiniLM.
Huang et al., with BERT: micro / macro F1 89.45 / 57.98.

python tools/train.py configs/reuters/tuned/db_0fl.py
"""

_base_ = ['../../_base_/reuters/tuned.py', '../../_base_/text_rows/db_0fl.py']
