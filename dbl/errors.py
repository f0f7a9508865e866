"""The one exception for what a user can put right."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class InputError(ValueError):
    """Bad input: one sentence that names file and place, and the command or option that helps."""


def unknown(what: str, value: Any, known: Iterable[str]) -> InputError:
    """Makes the error for an unknown name, which suggests the closest known ones."""
    known = sorted(known)
    value = shortened(value, 200)
    close = get_close_matches(value, known, n=3, cutoff=0.5) or known
    choice = f'choose from {", ".join(close)}' if close else 'there are none'
    return InputError(f"{what} '{value}' is unknown; {choice}")


def shortened(text: object, length: int = 80) -> str:
    """Cuts text that others wrote to a length that fits into a message.

    >>> shortened('a' * 100_000, 5), shortened([0, 1])
    ('aaaaa...', '[0, 1]')
    """
    text = str(text)
    return text if len(text) <= length else f'{text[:length]}...'
