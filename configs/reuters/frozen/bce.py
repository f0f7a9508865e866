"""BCE on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 89.14 / 47.32.

python tools/train.py configs/reuters/frozen/bce.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/bce.py']
