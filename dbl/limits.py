"""Limits on what a file may ask for, each of which an environment variable can change."""

import os
from types import MappingProxyType

from dbl.errors import InputError, shortened, unknown

# Each is above what most sound files need, and keeps a process, with torch, to about 2 GB.
LIMITS = MappingProxyType(
    {
        'DBL_MAX_PIXELS': 70_000_000,  # of a picture, by its header
        'DBL_MAX_SCANS': 100,  # of a JPEG; each one goes over the whole picture
        'DBL_MAX_UNPACKED': 1_000_000_000,  # bytes that a packed file unpacks to
        'DBL_MAX_NAME': 255,  # characters of a class's name
        'DBL_MAX_XML': 1_000_000,  # bytes of the annotations of one picture
        'DBL_MAX_PAIRS': 40_000_000,  # pairs of classes to count; n labels of a picture make n * n
        'DBL_MAX_CVAT': 200_000_000,  # bytes of CVAT's XML, which has all pictures of a task
    }
)


def most(limit: str) -> int:
    """Looks up a limit: the environment variable of that name, or else the default.

    Raises:
        InputError: The variable is not a whole number, or a ``DBL_MAX_`` variable is misspelt.

    >>> most('DBL_MAX_NAME')
    255
    """
    for name in os.environ:
        if name.startswith('DBL_MAX_') and name not in LIMITS:
            raise unknown('environment variable', name, LIMITS)
    text = os.environ.get(limit, str(LIMITS[limit]))
    if not text.isdecimal() or len(text) > 18:  # other libraries must be able to hold it, too
        raise InputError(
            f'{limit} must be a whole number, such as {LIMITS[limit]}, but got {shortened(text)!r}'
        )
    return int(text)


def check_most(limit: str, value: int, what: str, why: str = 'if you trust the file') -> None:
    """Raises InputError if a value is above its limit, and says why one might raise the limit.

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
