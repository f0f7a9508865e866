"""Reads the labels of COCO as distributed."""

from collections import Counter
from pathlib import Path

import msgspec

from dbl.datasets.names import check_classes, check_names, problem_of_path
from dbl.errors import InputError, shortened

CLASSES = (
    'person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, '
    'fire hydrant, stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, '
    'bear, zebra, giraffe, backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, '
    'sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, tennis racket, '
    'bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, '
    'carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, '
    'tv, laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, '
    'refrigerator, book, clock, vase, scissors, teddy bear, hair drier, toothbrush'
).split(', ')


class _Image(msgspec.Struct, gc=False):
    id: int
    file_name: str


class _Category(msgspec.Struct):
    id: int
    name: str


class _Object(msgspec.Struct, gc=False):
    image_id: int
    category_id: int
    area: float
    bbox: tuple[float, float, float, float]
    ignore: int | bool | None = 0

    @property
    def why_not(self) -> str | None:
        """Why the object does not count, or None if it does."""
        _, _, width, height = self.bbox
        if not self.ignore and self.area > 0 and width >= 1 and height >= 1:
            return None
        if self.ignore:
            return 'to be ignored'
        return 'with a side below one pixel' if self.area > 0 else 'without area'


class CocoInstances(msgspec.Struct):
    """What a file ``instances_<split>.json`` of COCO says about classes. The rest is not read.

    A class is present in an image that has an object of it. Crowds count. Objects do not if they
    are to be ignored, have no area, or have a side below one pixel. Classes are the categories, by
    ascending id.
    """

    images: list[_Image]
    annotations: list[_Object]
    categories: list[_Category]

    @property
    def classes(self) -> list[str]:
        """The names of the classes."""
        return [category.name for category in self._sorted_categories()]

    def label_indices(self) -> list[list[int]]:
        """Gives the indices of the classes that each image shows, ascending."""
        return self.labels_and_reasons()[0]

    def labels_and_reasons(self) -> tuple[list[list[int]], Counter[str]]:
        """Gives those, and how many objects do not count, by reason."""
        rows = {image.id: row for row, image in enumerate(self.images)}
        columns = {category.id: c for c, category in enumerate(self._sorted_categories())}
        labels: list[set[int]] = [set() for _ in self.images]
        reasons = Counter[str]()
        for annotation in self.annotations:
            if reason := annotation.why_not:
                reasons[reason] += 1
            else:
                labels[rows[annotation.image_id]].add(columns[annotation.category_id])
        return list(map(sorted, labels)), reasons

    def _sorted_categories(self) -> list[_Category]:
        return sorted(self.categories, key=lambda category: category.id)


def read_coco(path: Path) -> CocoInstances:
    """Reads a file ``instances_<split>.json`` of COCO.

    Raises:
        InputError: The file is missing or malformed; the place is named.
    """
    if not path.is_file():
        raise InputError(
            f"'{path}' does not exist; --root must be a folder with COCO's annotations/ inside, as "
            '`python -m dbl build_dataset download coco` makes it; --train-json reads another one'
        )
    try:
        instances = msgspec.json.decode(path.read_bytes(), type=CocoInstances)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"'{path}' is not in COCO's instances form: {shortened(error, 200)}"
        ) from error
    _check_ids(path, instances)
    return instances


def _check_ids(path: Path, instances: CocoInstances) -> None:
    for name, key in (('images', 'image_id'), ('categories', 'category_id')):
        entries = getattr(instances, name)
        ids = {entry.id for entry in entries}
        if len(ids) < len(entries):
            raise InputError(f"'{path}': two entries of {name} have one id")
        for number, annotation in enumerate(instances.annotations):
            if getattr(annotation, key) not in ids:
                raise InputError(
                    f"'{path}', annotations[{number}]: {key} {getattr(annotation, key)} is not "
                    f'among the {name}'
                )
    check_names(f"'{path}'", 'image', [i.file_name for i in instances.images], problem_of_path)
    check_classes(f"'{path}'", [c.name for c in instances.categories], 'category')
