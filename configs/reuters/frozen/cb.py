"""CB on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 89.23 / 52.96.

python tools/train.py configs/reuters/frozen/cb.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/cb.py']
