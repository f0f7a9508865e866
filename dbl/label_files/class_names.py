"""Names of classes that differ by case alone, or not at all."""

from collections.abc import Sequence
from dataclasses import replace

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError


def in_one_case(who: str, annotations: Annotations, merge_case: bool) -> Annotations:
    """Joins the classes whose names differ by case alone, where that is wanted.

    Args:
        who: Begins the message: what has the classes.
        annotations: They may name a class more than once.
        merge_case: Whether to join them.

    Raises:
        InputError: Some differ by case alone, or not at all, and are not to be joined.
    """
    spelt = first_spellings(who, annotations.classes, merge_case)
    return merged(annotations, spelt) if len({*spelt}) < len(spelt) else annotations


def first_spellings(who: str, names: Sequence[str], merge_case: bool) -> list[str]:
    """Gives each name in the spelling that comes first.

    Raises:
        InputError: Two differ by case alone, or not at all, and are not to be joined.

    >>> first_spellings('it has', ['Cat', 'dog', 'cat'], merge_case=True)
    ['Cat', 'dog', 'Cat']
    """
    first: dict[str, str] = {}
    for name in names:
        other = first.get(name.casefold())
        if other is not None and not merge_case:
            raise InputError(
                f"{who} the classes '{other}' and '{name}', which differ by case alone or not at "
                'all; --merge-case takes them as one'
            )
        first.setdefault(name.casefold(), name)
    return [first[name.casefold()] for name in names]


def merged(annotations: Annotations, names: Sequence[str]) -> Annotations:
    """Renames the classes. Those of one name become one, which an image shows that shows any.

    >>> pets = Annotations(['Cat', 'cat', 'dog'], ['a.jpg'], [[1, 2]])
    >>> joined = merged(pets, ['cat', 'cat', 'dog'])
    >>> joined.classes, joined.label_indices
    (['cat', 'dog'], [[0, 1]])
    """
    classes = list(dict.fromkeys(names))
    index = {name: c for c, name in enumerate(classes)}
    to = [index[name] for name in names]
    shown = [sorted({to[c] for c in row}) for row in annotations.label_indices]
    unknown = [
        sorted({to[c] for c in row}.difference(known))
        for row, known in zip(annotations.unknown, shown, strict=False)
    ]
    return replace(annotations, classes=classes, label_indices=shown, unknown=unknown)
