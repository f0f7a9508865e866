"""Objects that stand for labels in JSON, as ``{"label": "cat", "box": [0, 0, 8, 8]}``."""

import re
from typing import Any

from dbl.label_files.confidences import CONFIDENCES, STEMS, WHETHER
from dbl.label_files.words import plain, sureness

OF_BOXES = re.compile('(rectangle|polygon|brush|keypoint|ellipse|hypertext)labels')
LABEL_KEYS = ('label', 'class', 'name', 'category', 'tag')
# What says of a label whether it counts, as `plain` spells it.
COUNTS = (*CONFIDENCES, *WHETHER, *'checked selected status state answer exists p'.split())


def label_of(item: Any) -> Any:
    """The class of an object that stands for a label, as in CreateML's files; else the item.

    An object with a score stays what it is: whether the score is high enough, nobody said.

    >>> label_of({'label': 'cat', 'coordinates': {}}), label_of('dog')
    ('cat', 'dog')
    >>> label_of({'label': 'cat', 'score': 0.9})
    {'label': 'cat', 'score': 0.9}
    """
    known = [item[key] for key in LABEL_KEYS if key in item] if isinstance(item, dict) else []
    return known[0] if known and _numbers(item) <= {0, 1} else item


def labels_of(item: Any) -> list[Any]:
    """The classes of an item of a list: its own, or those of a box of Label Studio.

    >>> labels_of({'x': 1, 'rectanglelabels': ['cat', 'dog']}), labels_of('dog')
    (['cat', 'dog'], ['dog'])
    """
    lists = [v for k, v in item.items() if OF_BOXES.fullmatch(k)] if isinstance(item, dict) else []
    return lists[0] if lists and isinstance(lists[0], list) else [label_of(item)]


def is_denied(item: Any) -> bool:
    """Whether an object says of a label that it does not count.

    >>> is_denied({'name': 'cat', 'present': False}), is_denied({'name': 'cat', 'value': None})
    (True, False)
    """
    return label_of(item) is not item and 0 in _numbers(item)


def _numbers(item: dict[str, Any]) -> set[float]:
    """What an object says of whether its label counts, as numbers."""
    said = [sureness(str(value)) for key, value in item.items() if says_whether(key)]
    return {number for number in said if number is not None}


def says_whether(key: str) -> bool:
    """Whether a key is that of what says if a label counts, or how sure it is.

    >>> says_whether('isPresent'), says_whether('label_score'), says_whether('box')
    (True, True, False)
    """
    return plain(key) in COUNTS or any(stem in plain(key) for stem in STEMS)
