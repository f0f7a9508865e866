"""Numbers in place of names: the numbers of classes, or a number for each class."""

import re
from collections.abc import Iterable, Sequence

from dbl.errors import InputError, shortened
from dbl.label_files.answers import Answers
from dbl.label_files.words import meaning, number_in

WORDS = frozenset(['false', 'true'])
BITS = WORDS | {'0', '1'}
DIGITS = re.compile('[01]+')
Named = list[list[str] | None]


def numbers_of_classes(path: object, named: Named) -> tuple[Named, str]:
    """Turns vectors of 0 and 1 into the numbers of the classes that they show.

    Args:
        path: The file, for messages.
        named: What each row names; None where it says nothing.

    Returns:
        The numbers, or the names as they are, and what vectors are called in messages, or nothing.

    Raises:
        InputError: Rows hold numbers that may be scores, or vectors that may be numbers of classes.

    >>> numbers_of_classes('a.csv', [['1', '0', '1'], ['0', '0', '1']])
    ([['0', '2'], ['2']], 'vectors of 0 and 1')
    >>> numbers_of_classes('a.csv', [['0.0', '2.0'], ['1.0']])
    ([['0', '2'], ['1']], '')
    """
    rows = [names for names in named if names]
    _check_digits(path, rows)
    if not all(_is_number(name) for names in rows for name in names):
        return named, ''
    if _are_one_hot(rows):
        return [names and _shown(names) for names in named], 'vectors of 0 and 1'
    _check_numbers(path, rows)
    return [names and [_whole(name) for name in names] for names in named], ''


def _is_number(name: str) -> bool:
    return number_in(name) is not None or name.casefold() in WORDS


def _are_one_hot(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows are vectors of 0 and 1, and not numbers of classes."""
    items = {_whole(item).casefold() for names in rows for item in names}
    if len({len(names) for names in rows}) != 1 or len(rows[0]) == 1 or not items <= BITS:
        return False
    return items <= WORDS or any(len(set(names)) < len(names) for names in rows)


def _shown(vector: Sequence[str]) -> list[str]:
    return [str(number) for number, item in enumerate(vector) if meaning(item) == 'shown']


def _whole(name: str) -> str:
    """The number of a class without the decimals that pandas gives it, or numpy's bare point."""
    return name.partition('.')[0] if re.fullmatch(r'\d+\.0*', name) else name


def _check_numbers(path: object, rows: Sequence[Sequence[str]]) -> None:
    """Raises InputError where several numbers in a row are none of classes, or may be bits."""
    several = [names for names in rows if len(names) > 1]
    odd = next((n for names in several for n in names if not _whole(n).isdecimal()), None)
    if odd is not None:
        raise InputError(
            f"'{path}': '{shortened(odd, 40)}' is no name or number of a class; in place of a "
            'score for each class, write a list of 0 and 1, or give each class a column'
        )
    if (
        several
        and len(several) == len(rows)
        and all({*map(_whole, names)} == {'0', '1'} for names in several)
    ):
        raise InputError(
            f"'{path}': it is open whether {' '.join(several[0])} names two classes by their "
            'numbers, or says of each of two classes whether it is shown; write their names instead'
        )


def _check_digits(path: object, rows: Sequence[Sequence[str]]) -> None:
    """Raises InputError where each name is a row of digits 0 and 1, one for each class."""
    names = {names[0] for names in rows if len(names) == 1}
    are_digits = all(len(names) == 1 for names in rows) and all(map(DIGITS.fullmatch, names))
    is_long = len(names) > 2 and max(map(len, names)) > 2
    # No number of a class is written 010.
    if are_digits and (is_long or any(name != '0' and name.startswith('0') for name in names)):
        example = max(sorted(names), key=len)
        raise InputError(
            f"'{path}': '{shortened(example, 40)}' may be a digit for each class; write "
            f"'{shortened(' '.join(example), 80)}' for that, or names of classes"
        )


def with_names(
    path: object, classes: list[str], answers: Answers, stated: Sequence[str] = ()
) -> list[str]:
    """Gives classes that are numbers their names, of which the first is that of 0.

    Args:
        path: The file, for the message.
        classes: All of them.
        answers: What the owner of the file says. Their names come before those that are stated.
        stated: The names that the file has beside its records.

    Raises:
        InputError: A number is too large, or stated names may begin with that of 1.

    >>> with_names('a.csv', ['0', '2'], Answers(names=['cat', 'dog', 'bird']))
    ['cat', 'bird']
    """
    names = answers.names or stated
    if not names or not classes or not are_numbers(classes):
        return classes
    if not answers.names and '0' not in classes:
        raise InputError(
            f"'{path}' names {len(names)} classes, but shows none of the number 0, so that "
            f"'{shortened(names[0], 40)}' may be that of 1; --names gives the names from 0 on"
        )
    if (most := max(map(int, classes))) >= len(names):
        whose = '--names' if answers.names else 'its list of classes'
        raise InputError(
            f"{whose} has {len(names)} names, but '{path}' has a class {most}; the first "
            "name is that of class 0, and --class-names FILE, with lines such as '1,cat', takes "
            'any numbers'
        )
    return [names[int(number)] for number in classes]


def are_numbers(classes: Iterable[str]) -> bool:
    """Whether all classes are numbers.

    >>> are_numbers(['0', '10']), are_numbers(['0', 'cat'])
    (True, False)
    """
    return all(map(str.isdecimal, classes))
