"""The one exception for what a user can put right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


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
