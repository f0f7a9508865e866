"""The objects in a file of COCO's form: which of them count, and for which picture."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbl.errors import InputError
from dbl.label_files.verdicts import WHETHER, may_be_sureness, sureness
from dbl.label_files.words import number_in, plain

DENIED = 'said not to be there'
HELPS = 'leave out what says so if it does not mean that'
IDS = 'category_id and image_id must be ids of its categories and images'


def objects_of(annotations: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The objects, which COCO's panoptic form lists as the segments of a picture.

    >>> list(objects_of([{'image_id': 7, 'segments_info': [{'category_id': 1}]}]))
    [{'category_id': 1, 'image_id': 7}]
    """
    for annotation in annotations:
        segments = annotation.get('segments_info')
        if not isinstance(segments, list):
            yield annotation
            continue
        for segment in filter(lambda segment: isinstance(segment, dict), segments):
            yield {**segment, 'image_id': annotation.get('image_id')}


def check_scores(path: Path, objects: Sequence[Mapping[str, Any]]) -> None:
    """Raises InputError where objects have scores, as predictions have, and not one 0 or 1."""
    for key in filter(may_be_sureness, _keys(objects)):
        found = {number_in(str(own[key])) for own in objects if key in own}
        numbers = sorted(number for number in found if number is not None)
        if len(numbers) > 1 or not {*numbers} <= {0, 1}:
            raise InputError(
                f"'{path}': objects have scores, such as {key} {numbers[0]:g}; leave out those "
                'whose score is too low, and the scores'
            )


def _keys(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(set[str]().union(*objects))


def check_objects(
    path: Path,
    objects: Sequence[Mapping[str, Any]],
    categories: Mapping[str, str],
    reasons: Mapping[str, int],
) -> None:
    """Raises InputError where no object counts, or the ids of categories seem to be shifted."""
    if objects and sum(reasons.values()) == len(objects):
        raise InputError(
            f"'{path}': none of its {len(objects)} objects counts{_listed(reasons)}; "
            f'{HELPS if DENIED in reasons else IDS}'
        )
    used = {key_of(found, 'category_id') for found in objects}
    listed = sorted(map(int, filter(str.isdecimal, categories)))
    if listed and used - categories.keys() == {str(listed[0] - 1)} and str(listed[-1]) not in used:
        raise InputError(
            f"'{path}': objects are of the category {listed[0] - 1}, which is not listed, and none "
            f'is of {listed[-1]}, the last one; give the categories the ids that the objects have'
        )


def shown_in(
    objects: Sequence[Mapping[str, Any]], images: Mapping[str, str], categories: Mapping[str, str]
) -> tuple[dict[str, set[str]], Counter[str]]:
    """The classes of each picture, and how many objects do not count, by reason."""
    shown: dict[str, set[str]] = {name: set() for name in images.values()}
    reasons = Counter[str]()
    denying = [key for key in _keys(objects) if plain(key) in (*WHETHER, 'exists')]
    for annotation in objects:
        image = images.get(key_of(annotation, 'image_id'))
        category = categories.get(key_of(annotation, 'category_id'))
        if annotation.get('ignore'):
            reasons['to be ignored'] += 1
        elif any(sureness(str(annotation.get(key, 1))) == 0 for key in denying):
            reasons[DENIED] += 1
        elif image is None:
            reasons['of a picture that is not listed'] += 1
        elif category is None:
            reasons['of a category that is not listed'] += 1
        else:
            shown[image].add(category)
    return shown, reasons


def counted(count: int, reasons: Mapping[str, int]) -> str:
    """Says of some objects how many do not count, by reason.

    >>> counted(9, {'to be ignored': 2, 'without area': 1})
    '9, of which 3 do not count, 2 to be ignored, 1 without area'
    """
    return f'{count}, of which {sum(reasons.values())} do not count{_listed(reasons)}'


def _listed(reasons: Mapping[str, int]) -> str:
    return ''.join(f', {number} {reason}' for reason, number in reasons.items())


def key_of(entry: Mapping[str, Any], name: str) -> str:
    """An id, which is a number in some files and text in others; '' where there is none."""
    value = entry.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return '' if value is None else str(value)
