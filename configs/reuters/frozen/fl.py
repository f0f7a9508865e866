"""FL on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 89.97 / 56.83.

python tools/train.py configs/reuters/frozen/fl.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/fl.py']
