"""The commands: ``python -m dbl NAME``, or, in a checkout, ``python tools/NAME.py``."""

import ast
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from dbl import __version__
from dbl.commands.ending import exits_on_bad_input
from dbl.errors import InputError, unknown
from dbl.limits import most

COMMANDS = (
    'train test decide predict export features tfidf svm table1 ablate plot report build_dataset '
    'draw word_vectors benchmark chaos'
).split()

# OpenCV's own limit holds where Pillow reads no header. OpenCV looks it up once, at import.
with suppress(InputError):  # whatever looks the limit up reports the error
    os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', str(most('DBL_MAX_PIXELS')))


@exits_on_bad_input
def main() -> None:
    """Runs the command that the command line names."""
    name, *arguments = sys.argv[1:] or ['--help']
    if name in ('-h', '--help', 'help', '--version'):
        print(f'dbl {__version__}' if name == '--version' else usage())
        return
    if name not in COMMANDS:
        raise unknown('command', name, COMMANDS)
    sys.argv = [f'python -m dbl {name}', *arguments]
    try:
        import_module(f'dbl.commands.{name}').main()
    except ModuleNotFoundError as error:
        if (error.name or 'dbl').split('.')[0] == 'dbl':
            raise
        sys.exit(
            f"error: '{error.name}' is not installed; install dbl with its extra `train`: run "
            '`pip install ".[train]"` in the folder of its pyproject.toml'
        )


def usage() -> str:
    """Lists the commands, one per line."""
    lines = [f'  {name:14} {summary(name)}' for name in COMMANDS]
    return '\n'.join(['usage: python -m dbl COMMAND ...', '', *lines])


def summary(name: str) -> str:
    """The first line of a command's docstring, read without importing the command.

    >>> summary('test')
    'Test a checkpoint and print mAP total, head, medium and tail.'
    """
    source = Path(__file__).with_name(f'{name}.py').read_text(encoding='utf-8')
    return (ast.get_docstring(ast.parse(source)) or '').partition('\n')[0]
