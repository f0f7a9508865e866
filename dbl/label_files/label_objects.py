"""Objects that stand for labels in JSON, as ``{"label": "cat", "box": [0, 0, 8, 8]}``."""

import re
from typing import Any

from dbl.label_files.verdicts import CONFIDENCES, WHETHER, may_be_sureness, sureness
from dbl.label_files.words import plain

OF_BOXES = re.compile('(rectangle|polygon|brush|keypoint|ellipse|hypertext)labels')
LABEL_KEYS = ('label', 'class', 'name', 'category', 'tag')
# What says of a label whether it counts, as `plain` spells it.
COUNTS = (*CONFIDENCES, *WHETHER, *'checked selected status state answer exists'.split())


def labels_of(item: Any) -> list[Any]:
    """The classes of what stands for a label: an object's, none if it denies them, or itself.

    An object with a score stays what it is: whether the score is high enough, nobody said.

    >>> labels_of({'label': 'cat', 'coordinates': {}}), labels_of('dog')
    (['cat'], ['dog'])
    >>> labels_of({'name': 'cat', 'present': False}), labels_of({'label': 'cat', 'score': 0.9})
    ([], [{'label': 'cat', 'score': 0.9}])
    >>> labels_of({'x': 1, 'rectanglelabels': ['cat', 'dog']})  # of Label Studio
    ['cat', 'dog']
    """
    names = _names(item) if isinstance(item, dict) else []
    said = said_of(item) if names else set()
    if not names or not said <= {0, 1}:
        return [item]
    return [] if 0 in said else names


def _names(item: dict[str, Any]) -> list[Any]:
    boxes = [own for key, own in item.items() if OF_BOXES.fullmatch(key) and isinstance(own, list)]
    return boxes[0] if boxes else [item[key] for key in LABEL_KEYS if key in item][:1]


def said_of(item: dict[str, Any]) -> set[float]:
    """What an object says of whether its labels count, as numbers.

    >>> said_of({'present': True, 'occlusion_score': 0}), said_of({'labelScore': 0.9})
    ({1.0}, {0.9})
    """
    known = {sureness(str(value)) for key, value in item.items() if plain(key) in COUNTS}
    others = {sureness(str(value)) for key, value in item.items() if _may_be_sureness(key)}
    return {number for number in known | (others - {0, 1}) if number is not None}


def _may_be_sureness(key: str) -> bool:
    return key == 'p' or may_be_sureness(key)
