"""CB on Reuters, fine-tuned MiniLM.
Huang et al., with BERT: micro / macro F1 89.23 / 52.96.

python tools/train.py configs/reuters/tuned/cb.py
"""

_base_ = ['../../_base_/reuters/tuned.py', '../../_base_/text_rows/cb.py']
