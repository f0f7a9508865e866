"""Whole numbers on the command line."""

import argparse

from dbl.errors import shortened


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
