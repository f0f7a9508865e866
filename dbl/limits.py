"""The most that a file may ask for, whoever wrote it; an environment variable changes each."""

import os
from types import MappingProxyType

from dbl.errors import InputError, shortened, unknown

# Each is above what most sound files have, and keeps a process, torch included, at about 2 GB.
LIMITS = MappingProxyType(
    {
        'DBL_MAX_PIXELS': 70_000_000,  # of a picture, by its header
        'DBL_MAX_SCANS': 100,  # of a JPEG, each of which goes over all of the picture
        'DBL_MAX_UNPACKED': 1_000_000_000,  # bytes that a packed file unpacks to
        'DBL_MAX_NAME': 255,  # characters of a class's name
        'DBL_MAX_XML': 1_000_000,  # bytes of the annotations of one picture
        'DBL_MAX_PAIRS': 40_000_000,  # pairs of classes that are counted, n * n of one picture
    }
)


def most(limit: str) -> int:
    """Looks a limit up: the environment variable of its name, or the default.

    Raises:
        InputError: The variable is no whole number, or one of its kind is misspelt.

    >>> most('DBL_MAX_NAME')
    255
    """
    for name in os.environ:
        if name.startswith('DBL_MAX_') and name not in LIMITS:
            raise unknown('environment variable', name, LIMITS)
    text = os.environ.get(limit, str(LIMITS[limit]))
    if not text.isdecimal() or len(text) > 18:  # so that other libraries can hold it, too
        raise InputError(
            f'{limit} must be a whole number, as {LIMITS[limit]}, but got {shortened(text)!r}'
        )
    return int(text)


def check_most(limit: str, value: int, what: str, why: str = 'if you trust the file') -> None:
    """Raises InputError where something is above its limit, and says why one might raise that.

    >>> check_most('DBL_MAX_NAME', 300, "the characters of class 'aaa...'")
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: the characters of class 'aaa...' are 300, but at most 255 are allowed; \
set DBL_MAX_NAME=300 in the environment if you trust the file
    """
    if value > most(limit):
        raise InputError(
            f'{what} are {value}, but at most {most(limit)} are allowed; set {limit}={value} in '
            f'the environment {why}'
        )
