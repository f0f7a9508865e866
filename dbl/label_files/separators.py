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
    example = shortened(next(t for t in sorted(texts) if _parted([t], separator)), 40)
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
    """Whether parts stand alone, too, or, but for hyphens, come again: all, or all of one text.

    One text is enough where some do stand alone: those of a rare class may not.
    """
    parted = _parted(texts, separator)
    parts = Counter(chain.from_iterable(parted))
    again = set() if separator in HYPHENS else {part for part, count in parts.items() if count > 1}
    known = texts | again
    some = any({*own} <= known and {*own} & texts for own in parted)
    return some or (bool(parts) and parts.keys() <= known)


def shown_separator(separator: str) -> str:
    """Says a separator in words."""
    if separator == WHOLE:
        return 'one name in each cell'
    return f"names parted by '{_in_words(separator)}'"


def _in_words(separator: str) -> str:
    return IN_WORDS.get(separator, separator)
