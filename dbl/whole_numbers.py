"""Whole numbers on the command line, and in files."""

import argparse
from typing import Annotated

import msgspec

from dbl.errors import shortened

# What msgspec takes: whole numbers that a float64 counts.
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Positive = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


def whole(text: str, least: int = 0) -> int:
    """Parses an integer of at least so much, and of at most 18 digits, which 64 bits hold.

    >>> whole('12')
    12
    """
    if not text.isdecimal() or len(text) > 18 or int(text) < least:
        raise argparse.ArgumentTypeError(
            f'expected an integer of at least {least} and at most 18 digits, but got '
            f"'{shortened(text)}'"
        )
    return int(text)


def count(text: str) -> int:
    """Parses an integer of at least 1, such as tries or minutes.

    >>> count('1')
    1
    """
    return whole(text, least=1)
