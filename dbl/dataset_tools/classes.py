"""Gives all splits of a data set one list of classes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, listed, unknown
from dbl.label_files.class_names import first_spellings, merged


def one_list_of_classes(
    splits: Mapping[str, Annotations],
    classes: Sequence[str] | None = None,
    merge_case: bool = False,
) -> dict[str, Annotations]:
    """Gives the splits the classes of the training set, or some of them, in one order.

    Args:
        splits: As read, each with the classes that it names.
        classes: Classes to keep, in this order. None keeps all.
        merge_case: Take names that differ by case alone as one class.

    Raises:
        InputError: A split names a class that no training image shows, two names differ by case
            alone, or a class to keep is unknown or comes twice.

    >>> train = Annotations(['cat', 'dog'], ['a.jpg'], [[0, 1]])
    >>> test = Annotations(['dog'], ['b.jpg'], [[0]])
    >>> one_list_of_classes({'train': train, 'test': test})['test'].label_indices
    [[1]]
    """
    known = list(dict.fromkeys(name for split in splits.values() for name in split.classes))
    first = first_spellings('the splits have', known, merge_case)
    spelt = dict(zip(known, first, strict=True))
    splits = {
        name: merged(split, [spelt[c] for c in split.classes]) for name, split in splits.items()
    }
    if classes is None:
        _check_trained(splits)
    else:
        _check_wanted(classes, {*spelt.values()})
    wanted = list(dict.fromkeys(spelt.values())) if classes is None else classes
    return {name: of_classes(split, wanted) for name, split in splits.items()}


def _check_trained(splits: Mapping[str, Annotations]) -> None:
    trained = dict.fromkeys(splits['train'].classes)
    for split, annotations in splits.items():
        alone = [name for name in annotations.classes if name not in trained]
        if alone:
            close = get_close_matches(alone[0], trained, n=1)
            hint = f" (perhaps '{close[0]}' is meant)" if close else ''
            names = listed(map(repr, alone))
            raise InputError(
                f'the {split} images have classes that the training images do not have: {names}'
                f'{hint}; rename them, or name the classes to keep with --classes'
            )


def _check_wanted(classes: Sequence[str], known: set[str]) -> None:
    for name, count in Counter(classes).items():
        if name not in known:
            raise unknown('--classes: class', name, known)
        if count > 1:
            raise InputError(f"--classes names '{name}' {count} times; name it once")


def of_classes(split: Annotations, classes: Sequence[str]) -> Annotations:
    """Keeps the labels of some classes, in their order.

    >>> pets = Annotations(['cat', 'dog'], ['a.jpg'], [[0, 1]])
    >>> of_classes(pets, ['dog']).label_indices
    [[0]]
    """
    new = {name: index for index, name in enumerate(classes)}
    columns = {label: new[name] for label, name in enumerate(split.classes) if name in new}

    def kept(rows: Sequence[Sequence[int]]) -> list[list[int]]:
        return [sorted(columns[label] for label in row if label in columns) for row in rows]

    shown, unknowns = kept(split.label_indices), kept(split.unknown)
    return replace(
        split, classes=list(classes), label_indices=shown, unknown=unknowns if any(unknowns) else []
    )
