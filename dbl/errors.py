"""The one exception for what a user can put right."""

import errno
import functools
import signal
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

KILLED = (
    'Something has killed it, as a system without memory does; fewer workers take less: '
    'train_dataloader.num_workers, test_dataloader.num_workers'
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class InputError(ValueError):
    """Bad input: one sentence that names file and place, and the command or option that helps."""


def unknown(what: str, value: Any, known: Iterable[str]) -> InputError:
    """Makes the error for a name that is not one of those known, closest names first."""
    known = sorted(known)
    value = shortened(value, 200)
    close = get_close_matches(value, known, n=3, cutoff=0.5) or known
    choice = f'choose from {", ".join(close)}' if close else 'there are none'
    return InputError(f"{what} '{value}' is unknown; {choice}")


def shortened(text: object, length: int = 80) -> str:
    """Cuts what others wrote to a length that a message can hold.

    >>> shortened('a' * 100_000, 5), shortened([0, 1])
    ('aaaaa...', '[0, 1]')
    """
    text = str(text)
    return text if len(text) <= length else f'{text[:length]}...'


def exits_on_bad_input(
    main: Callable[..., None] | None = None, *, writes_files: bool = False
) -> Callable[..., Any]:
    """Decorates a command's ``main``: what it fails with becomes one line and an exit status.

    All that it prints shows its control characters. A command whose output is lost, as on a full
    disk, runs to its end, and says so then.

    Args:
        main: Of the command.
        writes_files: Whether these are its result, so that it has not failed when output is lost.
    """
    if main is None:
        return functools.partial(exits_on_bad_input, writes_files=writes_files)

    @functools.wraps(main)
    def wrapper(*arguments: Any) -> None:
        from dbl.terminal import lost_output, terminal

        with terminal() as (output, _):
            try:
                main(*arguments)
            except OSError as error:
                if error.filename is None and error.errno not in FULL:
                    raise
                where = f"'{error.filename}': " if error.filename is not None else ''
                _exit(f'{where}{error.strerror}')
            except InputError as error:
                # A worker of a DataLoader sends its traceback as the message; the sentence is last.
                _exit(str(error).rpartition('dbl.errors.InputError: ')[2])
            except RuntimeError as error:
                if not str(error).startswith('DataLoader worker'):
                    raise
                _exit(f'{error} {KILLED}')
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


def _exit(sentence: str) -> NoReturn:
    print(f'error: {" ".join(sentence.split())}', file=sys.stderr)
    sys.exit(1)
