"""R-FL on Reuters, frozen MiniLM.
Huang et al., with BERT: micro / macro F1 89.47 / 54.35.

python tools/train.py configs/reuters/frozen/r_fl.py
"""

_base_ = ['../../_base_/reuters/frozen.py', '../../_base_/text_rows/r_fl.py']
