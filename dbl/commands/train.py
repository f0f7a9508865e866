"""Train a config, test its last epoch and print mAP total, head, medium and tail.

python -m dbl train demo/db_focal
"""

from dbl.commands.ending import exits_on_bad_input
from dbl.training import command_line


@exits_on_bad_input(writes_files=True)
def main() -> None:
    command_line.train(__doc__.splitlines()[0])
