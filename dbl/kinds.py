"""The kinds of value that a setting, or an argument of a part, takes."""

from collections.abc import Collection, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from dbl.errors import InputError, unknown

KINDS = {
    bool: 'True or False',
    int: 'an integer',
    float: 'a number',
    str: 'text',
    dict: 'a dict',
    list: 'a list',
    NoneType: 'None',
}


def check_kind(key: str, value: Any, annotation: Any) -> None:
    """Raises InputError if a value is not of an annotation's kinds, where those are plain types.

    >>> from dbl.kinds import check_kind
    >>> check_kind('clip_norm', 35, float | None)
    """
    kinds = kinds_of(annotation)
    if not set(kinds) <= KINDS.keys():
        return
    if not any(_is_of_kind(value, kind) for kind in kinds):
        expected = ' or '.join(KINDS[kind] for kind in kinds)
        raise InputError(f'{key} must be {expected}, but got {value!r}')


def kinds_of(annotation: Any) -> tuple[Any, ...]:
    """Gives the kinds that an annotation allows. For the words of a ``Literal`` it is text.

    >>> kinds_of(float | None), kinds_of(Literal['mean', 'sum'] | None)
    ((<class 'float'>, <class 'NoneType'>), (<class 'str'>, <class 'NoneType'>))
    """
    parts = get_args(annotation)
    if get_origin(annotation) is Literal:
        return tuple(dict.fromkeys(map(type, parts)))
    if get_origin(annotation) in (Union, UnionType):
        return tuple(dict.fromkeys(kind for part in parts for kind in kinds_of(part)))
    return (annotation,)


def _is_of_kind(value: Any, kind: type) -> bool:
    if kind is dict:  # a subclass will do, and so will a tuple for a list
        return isinstance(value, Mapping)
    if kind is list:
        return isinstance(value, (list, tuple))
    return type(value) is kind or (kind is float and type(value) is int)


def check_least(key: str, value: float, least: float) -> None:
    """Raises InputError if a number is less than it must be.

    >>> from dbl.kinds import check_least
    >>> check_least('epochs', 8, least=1)
    """
    if not value >= least:
        raise InputError(f'{key} must be at least {least}, but got {value}')


def check_names(key: str, part: Any, known: Collection[str]) -> None:
    """Raises InputError if a part is not a dict, or has an unknown name.

    >>> from dbl.kinds import check_names
    >>> check_names('compile', {'mode': 'default'}, known=['mode', 'backend'])
    """
    check_kind(key, part, dict)
    for name in part:
        if name not in known:
            raise unknown(f'{key}: argument', name, known)
