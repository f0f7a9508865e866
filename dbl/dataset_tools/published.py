"""The published training sets of VOC-MLT and COCO-MLT, in numbers."""

import json
from pathlib import Path
from typing import NamedTuple

_PATH = Path(__file__).with_name('published.json')


class PublishedSubset(NamedTuple):
    """What is published of a training set, without its pictures and their labels.

    Args:
        image_ids: The ids in the order of the published list, such as ``'2008_000023'`` of VOC
            2012 trainval, or ``'554625'`` of COCO train2017.
        class_freq: The images of each class. VOC's classes are in alphabetical order, COCO's by
            category id.
        groups: The indices of the ``'head'``, ``'medium'``, and ``'tail'`` classes, ascending.
    """

    image_ids: list[str]
    class_freq: list[int]
    groups: dict[str, list[int]]


def published_subset(name: str) -> PublishedSubset:
    """Gives the image ids, class frequencies, and groups of ``'voc_mlt'`` or ``'coco_mlt'``.

    Wu et al., "Distribution-Balanced Loss for Multi-Label Classification in Long-Tailed Datasets"
    (ECCV 2020), section 4.1, and the lists that its authors published.

    >>> coco_mlt = published_subset('coco_mlt')
    >>> len(coco_mlt.image_ids), max(coco_mlt.class_freq), min(coco_mlt.class_freq)
    (1909, 1128, 6)
    """
    content = json.loads(_PATH.read_text(encoding='utf-8'))[name]
    # COCO's ids are numbers in the file.
    return PublishedSubset(**{**content, 'image_ids': list(map(str, content['image_ids']))})
