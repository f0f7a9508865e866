"""Train a config, test its last epoch and print mAP total, head, medium and tail.

python tools/train.py configs/demo/db_focal.py
"""

from dbl.errors import exits_on_bad_input
from dbl.training.command_line import train

if __name__ == '__main__':
    exits_on_bad_input(train)(__doc__.splitlines()[0])
