"""DB on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 90.62 / 64.47.

python tools/train.py configs/reuters/frozen/db.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/db.py']
