"""Test a checkpoint and print mAP total, head, medium and tail.

python -m dbl test demo/db_focal work_dirs/demo/db_focal/epoch_8.pth
"""

from dbl.commands.ending import exits_on_bad_input
from dbl.training import command_line


@exits_on_bad_input
def main() -> None:
    command_line.test(__doc__.splitlines()[0])
