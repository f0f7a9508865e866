"""The one exception for what a user can put right."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import accumulate
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


def listed(names: Iterable[str], length: int = 200) -> str:
    """Lists as many names as fit into a message, and says how many more there are.

    >>> listed(['ant', 'bee', 'cat'], 8), listed(['ant', 'bee'])
    ('ant, bee and 1 more', 'ant, bee')
    """
    names = [*names]
    ends = accumulate(len(f', {name}') for name in names)
    shown = names[: max(1, sum(end - len(', ') <= length for end in ends))]
    more = f' and {len(names) - len(shown)} more' if len(shown) < len(names) else ''
    return shortened(', '.join(shown), length) + more
