"""What words mean: in a cell, of a class, and as the name of a column."""

import re
import unicodedata
from typing import Literal

Meaning = Literal['shown', 'absent', 'minus', 'uncertain', 'blank', 'share', 'other']
SHOWN = frozenset('1 true yes y t x ja wahr si oui vrai present positive ✓ ✔'.split())
ABSENT = frozenset('0 false no n f nein falsch non faux absent negative ✗ ✘'.split())
BLANK = frozenset(['', 'nan', 'na', 'n/a', '<na>', 'null', 'none'])
# Names of the column of the pictures, as :func:`plain` spells them; the first wins.
PICTURE_NAMES = (
    'image imagepath imgpath imagefile imagename imageid imageindex filename filepath file path '
    'img picture photo id name'
).split()
# What the names of pictures end in.
PICTURES = tuple('.jpg .jpeg .png .bmp .gif .tif .tiff .webp .jp2 .ppm .pgm'.split())
# Signs without a width that copying leaves around words, as that of a file's beginning.
INVISIBLE = '\ufeff\u200b\u200e\u200f\u2060'
# Tabs and line ends are none: they part names.
BLANKS = re.compile('[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+')
BRACKETS = ('[', '{')  # of a list or an object that was not understood
# In the place of a name: there is none.
NOTHING = BLANK | {'-', '--', '\u2013', '\u2014', '\\n', '#n/a'}
UNCERTAIN = frozenset(['uncertain', 'unknown', 'unsure', 'maybe', 'u', '?'])


def meaning(cell: str) -> Meaning:
    """Says what a cell means; ``'minus'`` is -1, and ``'share'`` a number between 0 and 1.

    >>> [meaning(cell) for cell in ('1.0', 'False', '-1', 'nan', '0.3', 'dog')]
    ['shown', 'absent', 'minus', 'blank', 'share', 'other']
    """
    word = cell.strip().casefold()
    for name, words in _WORDS.items():
        if word in words:
            return name
    number = number_in(word)
    if number is None:
        return 'other'
    exact: dict[float, Meaning] = {1.0: 'shown', 0.0: 'absent', -1.0: 'minus'}
    return exact.get(number, 'share' if 0 < number < 1 else 'other')


_WORDS: dict[Meaning, frozenset[str]] = {
    'shown': SHOWN,
    'absent': ABSENT,
    'blank': BLANK,
    'uncertain': UNCERTAIN,
}


def number_in(cell: str) -> float | None:
    """The number in a cell, whose decimal mark may be a comma, as in tables with semicolons.

    >>> number_in('0.5'), number_in(' 0,5'), number_in('cat')
    (0.5, 0.5, None)
    """
    try:
        return float(cell.replace(',', '.'))
    except ValueError:
        return None


def is_blank(cell: str) -> bool:
    """Whether a cell holds nothing, in whatever spelling.

    >>> is_blank(' NaN '), is_blank('0')
    (True, False)
    """
    return cell.strip().casefold() in BLANK


def is_nothing(cell: str) -> bool:
    """Whether a cell, in the place of a name, says that there is none.

    >>> is_nothing('-'), is_nothing('cat')
    (True, False)
    """
    return cell.strip().casefold() in NOTHING


def plain(name: str) -> str:
    """A name without what spellings differ by.

    >>> plain('Image Index'), plain('image_index')
    ('imageindex', 'imageindex')
    """
    return re.sub(r'[^a-z]', '', name.casefold())


def is_picture(cell: object) -> bool:
    """Whether a cell is the path of a picture.

    >>> is_picture('a/b.JPG '), is_picture('b')
    (True, False)
    """
    return isinstance(cell, str) and cell.strip().lower().endswith(PICTURES)


def one_spelling(name: str) -> str:
    """Strips a name, makes blanks in it single ones, and composes its accents (Unicode's NFC).

    >>> one_spelling(' Ba\\u0308r ') == 'B\\u00e4r', one_spelling('\\ufeffhard\\u00a0 hat\\u200b')
    (True, 'hard hat')
    """
    name = unicodedata.normalize('NFC', name).strip().strip(INVISIBLE).strip()
    return BLANKS.sub(' ', name)
