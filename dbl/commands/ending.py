"""How a command ends: one line and an exit status, whatever it fails with."""

import errno
import functools
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from dbl.errors import InputError, shortened
from dbl.out_of_memory import is_out_of_memory, says_out_of_memory
from dbl.terminal import lost_output, terminal

KILLED = (
    'Something has killed it, perhaps the system for lack of memory; fewer workers take less: '
    'train_dataloader.num_workers, test_dataloader.num_workers'
)
SMALLER = (
    'Smaller batches take less: train_dataloader.batch_size (half of it with accumulate=2), '
    'test_dataloader.batch_size, or --batch-size of predict'
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def exits_on_bad_input(
    main: Callable[..., None] | None = None, *, writes_files: bool = False
) -> Callable[..., Any]:
    """Decorates a command's ``main``, so that a failure becomes one line and an exit status.

    Control characters in all that it prints are written out. A command whose output is lost, as on
    a full disk, runs to its end, and says so then.

    Args:
        main: The command's function.
        writes_files: Whether files are its result, so that it has not failed if output is lost.
    """
    if main is None:
        return functools.partial(exits_on_bad_input, writes_files=writes_files)

    @functools.wraps(main)
    def wrapper(*arguments: Any) -> None:
        with terminal() as (output, _):
            try:
                main(*arguments)
            except OSError as error:
                if sentence := _lack_of_memory(error):
                    _exit(sentence)
                if error.filename is None and error.errno not in FULL:
                    raise
                where = f"'{error.filename}': " if error.filename is not None else ''
                _exit(f'{where}{error.strerror}')
            except InputError as error:
                # A DataLoader worker's message is its whole traceback, with the sentence last.
                _exit(str(error).rpartition('dbl.errors.InputError: ')[2])
            except Exception as error:
                if (sentence := _lack_of_memory(error)) is None:
                    raise
                _exit(sentence)
            except SystemExit as ending:
                if ending.code:
                    raise
            except KeyboardInterrupt:
                print('interrupted', file=sys.stderr)
                sys.exit(128 + signal.SIGINT)
            output.flush()
            if reason := lost_output(output):
                if not writes_files:
                    _exit(reason)
                print(f'warning: {reason}; the files are whole', file=sys.stderr)

    return wrapper


def _lack_of_memory(error: Exception) -> str | None:
    """Says what takes less memory, if it was this that has run out."""
    text = str(error)
    if isinstance(error, RuntimeError) and text.startswith('DataLoader worker'):
        return f'{text} {KILLED}'
    if not is_out_of_memory(error):
        return None
    lines = text.strip().splitlines()  # a worker's has its traceback, and a GPU's has advice
    telling = [line for line in lines if says_out_of_memory(line)] or lines or ['out of memory']
    return f'{shortened(telling[-1], 200)} {SMALLER}'


def _exit(sentence: str) -> NoReturn:
    print(f'error: {" ".join(sentence.split())}', file=sys.stderr)
    sys.exit(1)
