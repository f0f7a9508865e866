"""What -1 means in the tables of one set, which are read one by one."""

from collections.abc import Mapping

from dbl.dataset_tools.splits import SPLITS
from dbl.errors import InputError
from dbl.label_files.reading import Reading


def check_minus_one(readings: Mapping[str, Reading]) -> None:
    """Raises InputError where -1 means "no" in one table, as 0 does in another.

    Beside 1 alone, -1 can mean nothing else. But where another table of the set has 0 for "no", -1
    may mean that it is not known.
    """
    by_minus = [name for name, reading in readings.items() if reading.minus_is_no]
    others = [name for name, reading in readings.items() if _says_no_otherwise(reading)]
    if by_minus and others:
        raise InputError(
            f'-1 stands beside 1 alone in the {SPLITS[by_minus[0]]} table, but the '
            f'{SPLITS[others[0]]} table has 0 or another word for what is not shown; --uncertain '
            'negative, positive or unknown says how -1 counts'
        )


def _says_no_otherwise(reading: Reading) -> bool:
    """Whether a table with a column for each class says "no" by another word than -1."""
    if not reading.says_absence or reading.minus_is_no:
        return False
    read = reading.annotations
    unknown = read.unknown or [[]] * len(read)
    rows = zip(read.label_indices, unknown, strict=True)
    return any(len(shown) + len(open_) < len(read.classes) for shown, open_ in rows)
