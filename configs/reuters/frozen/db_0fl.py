"""DB-0FL on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 89.45 / 57.98.

python tools/train.py configs/reuters/frozen/db_0fl.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/db_0fl.py']
