"""What is wanted of one's own data, besides how its label files are to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dbl.errors import InputError

Form = Literal['table', 'coco', 'voc']


@dataclass(frozen=True)
class Wishes:
    """What is wanted of one's own data, besides how its label files are to be read.

    Attributes:
        seed: Seed of the split.
        test_fraction: Share of the training file's images to test on, split off by strata.
        split_column: The column that says which split an image is in.
        test_list: A list of the training file's images to test on.
        val_list: A list of those to validate on.
        split_list: A list of all images, and the split of each.
        group: A column, or a pattern on the path, whose value keeps images on one side.
        classes: Classes to keep, in this order. None keeps all.
        merge_case: Take names that differ by case alone as one class.
        folders: Folders of the pictures, or patterns of folders, relative to the root.
        picture_suffix: Goes behind each name of a picture.
        form: Of the label files, whose options messages name.

    Raises:
        InputError: The images are to be divided in two ways.

    >>> Wishes(test_fraction=0.3).divides, Wishes().divides
    (True, False)
    """

    seed: int = 0
    test_fraction: float | None = None
    split_column: str | None = None
    test_list: Path | None = None
    val_list: Path | None = None
    split_list: Path | None = None
    group: str | None = None
    classes: Sequence[str] | None = None
    merge_case: bool = False
    folders: Sequence[str] = ()
    picture_suffix: str = ''
    form: Form = 'table'

    def __post_init__(self) -> None:
        if len(self._ways) > 1:
            first, second = self._ways[:2]
            raise InputError(f'{first} and {second} exclude each other; leave out one')

    @property
    def _ways(self) -> list[str]:
        ways = {
            '--test-fraction': self.test_fraction,
            '--split-column': self.split_column,
            '--split-list': self.split_list,
            '--test-list or --val-list': self.test_list or self.val_list,
        }
        return [name for name, value in ways.items() if value is not None]

    @property
    def way(self) -> str | None:
        """The option that divides the training file's images, if one is given."""
        return next(iter(self._ways), None)

    @property
    def lists(self) -> dict[str, Path | None]:
        """The lists, by the split that they are of."""
        return {'test': self.test_list, 'val': self.val_list, 'split': self.split_list}

    @property
    def divides(self) -> bool:
        """Whether the training file has test images, too."""
        named = (self.split_column, self.test_list, self.split_list)
        return self.test_fraction is not None or any(named)
