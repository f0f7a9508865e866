"""The one exception for what a user can put right."""

import functools
import signal
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any


class InputError(ValueError):
    """Bad input: one sentence that names file and place, and the command or option that helps."""


def unknown(what: str, value: Any, known: Iterable[str]) -> InputError:
    """Makes the error for a name that is not one of those known, closest names first."""
    known = sorted(known)
    close = get_close_matches(str(value), known, n=3, cutoff=0.5) or known
    choice = f'choose from {", ".join(close)}' if close else 'there are none'
    return InputError(f"{what} '{value}' is unknown; {choice}")


def exits_on_bad_input(main: Callable[..., None]) -> Callable[..., None]:
    """Decorates a tool's ``main``: an :class:`InputError` becomes one line and exit status 1."""

    @functools.wraps(main)
    def wrapper(*arguments: Any) -> None:
        try:
            main(*arguments)
        except OSError as error:
            if error.filename is None:
                raise
            sys.exit(f"error: '{error.filename}': {error.strerror}")
        except InputError as error:
            # A worker of a DataLoader sends its traceback as the message; the sentence comes last.
            sentence = str(error).rpartition('dbl.errors.InputError: ')[2]
            sys.exit(f'error: {" ".join(sentence.split())}')
        except KeyboardInterrupt:
            print('interrupted', file=sys.stderr)
            sys.exit(128 + signal.SIGINT)

    return wrapper
