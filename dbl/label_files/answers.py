"""What its owner says of a table, where it does not say so itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Count = Literal['refuse', 'negative', 'positive', 'unknown']


@dataclass(frozen=True)
class Answers:
    """How to read a table. What is None, or empty, follows from the table, which says so.

    Attributes:
        encoding: Of a text file.
        delimiter: Between the cells of a text file.
        header: Names for the columns of a text file that has no header.
        image_column: Holds the paths of the pictures.
        label_columns: Hold 0 or 1 for a class each, or the name of a class each.
        labels_column: Holds all classes of a picture, or one where it has several rows.
        separator: Between the classes in one cell; ``'none'`` takes each cell as it is.
        drop_columns: Hold no classes.
        names: Of classes that are numbers, that of number 0 first.
        confidence: A label counts from this number on.
        uncertain: How -1 beside 0, or a word for uncertain, counts.
        blank: How an empty cell, or NaN, counts.
        merge_case: Take names that differ by case alone as one class.
        known_classes: Those of the training table, whose columns may be empty in another one.
        repeated: What rows of the same picture but other labels do: ``'union'`` joins them.
    """

    encoding: str | None = None
    delimiter: str | None = None
    header: Sequence[str] | None = None
    image_column: str | None = None
    label_columns: Sequence[str] = ()
    labels_column: str | None = None
    separator: str | None = None
    drop_columns: Sequence[str] = ()
    names: Sequence[str] = ()
    confidence: float | None = None
    uncertain: Count = 'refuse'
    blank: Count = 'refuse'
    merge_case: bool = False
    known_classes: Sequence[str] = ()
    repeated: Literal['refuse', 'union'] = 'refuse'
