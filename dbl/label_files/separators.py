"""What parts the names of classes in one cell."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, filterfalse

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.table import Table
from dbl.label_files.words import is_blank, one_spelling

SEPARATORS = '|;,'  # and the blank, where the cells show that it is one
WHOLE = 'none'  # each cell is one name
ONE_NAME = 'one name in each cell'


def find_separator(table: Table, cells: Sequence[str], answers: Answers) -> str:
    """Finds what parts the names in a cell.

    Raises:
        InputError: There are blanks, and it is open whether they part names.
    """
    if answers.separator is not None:
        return answers.separator
    texts = set(map(one_spelling, filterfalse(is_blank, cells)))
    found = [separator for separator in SEPARATORS if any(separator in text for text in texts)]
    if not found and any(' ' in text for text in texts):
        found = [' ']
    if not found:
        return WHOLE
    if len(found) > 1 and '|' not in found:
        raise InputError(
            f"'{table.path}': both '{found[0]}' and '{found[1]}' may part names; --separator says "
            'which one does'
        )
    if found[0] in ', ' and not _are_parts(texts, found[0]):
        example = shortened(next(text for text in sorted(texts) if found[0] in text), 40)
        raise InputError(
            f"'{table.path}': it is open whether '{example}' is one class or several; --separator "
            f"none takes it as one, --separator '{found[0]}' parts it"
        )
    return found[0]


def _are_parts(texts: set[str], separator: str) -> bool:
    """Whether the parts of some texts are names: numbers, or some stand alone, or come again."""
    parted = [list(map(str.strip, text.split(separator))) for text in texts if separator in text]
    parts = Counter(chain.from_iterable(parted))
    if all(map(str.isdecimal, parts)):
        return True
    if separator == ' ':
        return parts.keys() <= texts
    return any(part in texts or count > 1 for part, count in parts.items())


def shown_separator(separator: str) -> str:
    """Says a separator in words."""
    if separator == WHOLE:
        return ONE_NAME
    return f"names parted by '{separator}'"
