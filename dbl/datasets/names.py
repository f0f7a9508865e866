"""What names of classes and paths of images must be like, for readers and writers alike."""

import re
from collections.abc import Callable, Sequence
from pathlib import PureWindowsPath

from dbl.errors import InputError, shortened
from dbl.limits import check_most

Report = Callable[[str, str], None]
SHOWN = 40  # characters of a name that a message shows
LONGEST_PATH = 4096  # characters; Linux opens no longer one
# Control characters, and lone surrogates, which UTF-8 cannot encode.
_CONTROL, _SURROGATE = re.compile('[\x00-\x1f\x7f-\x9f]'), re.compile('[\ud800-\udfff]')


def refuse(kind: str, message: str) -> None:
    """Reports a row that does not fit, by raising InputError."""
    raise InputError(message)


def check_classes(where: str, classes: Sequence[str], what: str = 'class') -> None:
    """Raises InputError if there is no class, or a name is unfit or comes twice.

    >>> check_classes('my list', ['cat', 'dog', 'cat'])
    Traceback (most recent call last):
    ...
    dbl.errors.InputError: my list: class 3 is 'cat', as is class 1; keep one
    """
    longest = max(classes, key=len, default='')
    beginning = shortened(longest, SHOWN)
    check_most('DBL_MAX_NAME', len(longest), f"{where}: the characters of {what} '{beginning}'")
    check_names(where, what, classes, problem_of_name)


def check_names(
    where: str,
    what: str,
    names: Sequence[str],
    problem_of: Callable[[str], str | None],
    report: Report = refuse,
) -> list[int]:
    """Finds the indices of the names that fit, and reports unfit and repeated ones."""
    if not names:
        raise InputError(f'{where} names no {what}')
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        shown = shortened(name, SHOWN)
        if problem := problem_of(name):
            report('unreadable row', f'{where}: the name of {what} {place}, {shown!r}, {problem}')
        elif name in places:
            same = f"{what} {place} is '{shown}', as is {what} {places[name]}; keep one"
            report('duplicate row', f'{where}: {same}')
        else:
            places[name] = place
    if not places:
        raise InputError(f'{where} names no {what} that fits')
    return [place - 1 for place in places.values()]


def problem_of_name(name: str) -> str | None:
    """Says what is wrong with a name, if anything is.

    >>> problem_of_name('\t')
    'is empty'
    """
    if not name.strip():
        return 'is empty'
    if _SURROGATE.search(name):
        return 'is not Unicode text'
    if _CONTROL.search(name):
        return 'has a control character'
    return None


def problem_of_path(name: str) -> str | None:
    """Says what is wrong with the path of an image, relative to its folder, if anything is.

    >>> problem_of_path('photos/a.jpg')
    >>> problem_of_path('../a.jpg')
    'leaves the folder of the annotations; put or link the images there'
    """
    if len(name) > LONGEST_PATH:
        return f'has {len(name)} characters, and no path has more than {LONGEST_PATH}'
    # As Windows reads a path, with drives and both slashes.
    path = PureWindowsPath(name)
    depth = 0
    for part in path.parts:
        depth += -1 if part == '..' else 1
        if depth < 0 or path.anchor:
            return 'leaves the folder of the annotations; put or link the images there'
    return problem_of_name(name)
