"""Test a checkpoint and print mAP total, head, medium and tail.

python tools/test.py configs/demo/db_focal.py work_dirs/demo/db_focal/epoch_8.pth
"""

from dbl.errors import exits_on_bad_input
from dbl.training.command_line import test

if __name__ == '__main__':
    exits_on_bad_input(test)(__doc__.splitlines()[0])
