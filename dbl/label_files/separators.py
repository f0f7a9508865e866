"""What parts the names of classes in one cell."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, filterfalse

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.table import Table
from dbl.label_files.words import is_nothing, one_spelling

COMMAS = ',\uff0c\u3001\u060c'  # may stand in a name, as the blank may; of Chinese and Arabic, too
SEPARATORS = f'|;\uff1b\n\t{COMMAS}'  # and the blank, where the cells show that it is one
# Where none of these is there: they part names in some tables, and are of a name in others.
SIGNS = ('+', '&', '#', '~', '*', '\u2022', '\u00b7', ' and ', ' or ')
PATHS = ('/', '\\', ':', '>')  # a name may begin with that of what it is a kind of
HYPHENS = ('_', '-')  # part the words of a name more often
WHOLE = 'none'  # each cell is one name
IN_WORDS = {'\n': 'line ends', '\t': 'tabs'}


def find_separator(table: Table, cells: Sequence[str], answers: Answers) -> str:
    """Finds what parts the names in a cell.

    Raises:
        InputError: It is open whether a sign, such as the blank, parts names.
    """
    if answers.separator is not None:
        return answers.separator
    texts = set(map(one_spelling, filterfalse(is_nothing, cells)))
    found = [separator for separator in SEPARATORS if any(separator in text for text in texts)]
    if len(found) > 1 and '|' not in found:
        both = ' and '.join(f"'{shown}'" for shown in map(_in_words, found[:2]))
        raise InputError(
            f"'{table.path}': both {both} may part names; --separator says which one does"
        )
    if not found:
        return _open_or_whole(table, texts)
    if found[0] in COMMAS and not _are_parts(texts, found[0]):
        raise _left_open(table, texts, found[0])
    return found[0]


def _open_or_whole(table: Table, texts: set[str]) -> str:
    """The blank, where it parts names, or else nothing."""
    has_blanks = any(' ' in text for text in texts)
    if has_blanks and _are_parts(texts, ' '):
        return ' '
    for other in SIGNS:
        if _are_parts(texts, other):
            raise _left_open(table, texts, other)
    for other in (*PATHS, *HYPHENS):
        if _may_part(texts, other):
            raise _left_open(table, texts, other)
    if has_blanks:
        raise _left_open(table, texts, ' ')
    return WHOLE


def _left_open(table: Table, texts: set[str], separator: str) -> InputError:
    parted = [text for text in sorted(texts) if _parted([text], separator)]
    alone = (text for text in parted if texts.issuperset(*_parted([text], separator)))
    example = shortened(next(alone, parted[0]), 40)
    return InputError(
        f"'{table.path}': it is open whether '{example}' is one class or several; --separator "
        f"none takes it as one, --separator '{separator}' parts it"
    )


def _parted(texts: Iterable[str], separator: str) -> list[list[str]]:
    """The parts of the texts that have several."""
    parted = (list(filter(None, map(str.strip, text.split(separator)))) for text in texts)
    return [parts for parts in parted if len(parts) > 1]


def _are_parts(texts: set[str], separator: str) -> bool:
    """Whether the parts of some texts are names: numbers, or some stand alone, or come again."""
    parts = Counter(chain.from_iterable(_parted(texts, separator)))
    if parts and all(map(str.isdecimal, parts)):
        return True
    if separator == ' ':
        return parts.keys() <= texts
    return any(part in texts or count > 1 for part, count in parts.items())


def _may_part(texts: set[str], separator: str) -> bool:
    """Whether a sign may part names: all parts are known, or those of texts whose parts are alone.

    Parts are known that stand alone, or, but for hyphens, come again. The parts of a rare class may
    be neither, while those of others stand alone. Hyphens are asked for where that is so of half.
    """
    parted = _parted(texts, separator)
    parts = Counter(chain.from_iterable(parted))
    again = set() if separator in HYPHENS else {part for part, count in parts.items() if count > 1}
    alone = [own for own in parted if texts.issuperset(own)]
    if separator in HYPHENS and 2 * len(alone) < len(parted):
        return False
    return bool(alone) or (bool(parts) and parts.keys() <= texts | again)


def shown_separator(separator: str) -> str:
    """Says a separator in words."""
    if separator == WHOLE:
        return 'one name in each cell'
    return f"names parted by '{_in_words(separator)}'"


def _in_words(separator: str) -> str:
    return IN_WORDS.get(separator, separator)
