"""What rows say of pictures."""

import re
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import unquote

# Where its server keeps pictures that were uploaded, or lie in a folder of its own.
LABEL_STUDIO = re.compile(r'^/data/(upload/(\d+/)?|local-files/\?d=)')
SLASHES = re.compile('/(\\./|/)+')  # several, or around a dot


class Labelled(NamedTuple):
    """A picture, and the indices of its classes.

    Attributes:
        number: Of the row, for messages.
        image: The path, as it is written.
        shown: The classes that it shows, ascending.
        unknown: The classes of which it is not known, ascending.
    """

    number: int
    image: str
    shown: list[int]
    unknown: list[int]


class Cells(Enum):
    """What the cells of labels hold."""

    ZERO_OR_ONE = auto()
    LISTS = auto()
    ONE_NAME = auto()
    PARTED_NAMES = auto()


class Labels(NamedTuple):
    """The labels in a table.

    Attributes:
        classes: The classes.
        rows: What each row says of its picture.
        cells: What the cells hold.
        said: How the cells were read, in words.
        notes: What else there is to say, each with the option that changes it.
        used: The answers that the cells were read by.
        minus_is_no: Whether -1 is there, and counts as not shown, since the table has no 0.
    """

    classes: list[str]
    rows: list[Labelled]
    cells: Cells
    said: str
    notes: dict[str, str]
    used: frozenset[str]
    minus_is_no: bool = False


def picture_path(written: str) -> str:
    """Spells the path of a picture in one way: without blanks around it, and with single slashes.

    >>> picture_path(' images\\\\a.jpg '), picture_path('./a//b.jpg'), picture_path('file:///a/b.jpg')
    ('images/a.jpg', 'a/b.jpg', '/a/b.jpg')
    """
    path = written.strip().replace('\\', '/')
    if './' not in path and '//' not in path and path[:1] != '/':  # as nearly all are
        return path
    if path.startswith('file://'):
        path = unquote(path.removeprefix('file://'))
    if '://' not in path:
        path = SLASHES.sub('/', path).removeprefix('./')
    return LABEL_STUDIO.sub('', path) if path.startswith('/data/') else path
