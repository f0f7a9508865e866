"""What its owner says of a table, where it does not say so itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Count = Literal['refuse', 'negative', 'positive', 'unknown']


@dataclass(frozen=True)
class Answers:
    """How to read a table. What is None, or empty, follows from the table, which says so.

    Attributes:
        encoding: Of a text file.
        delimiter: Between the cells of a text file.
        skip_lines: Lines above the header of a text file, or above the rows where it has none.
        header: Names for the columns of a text file that has no header.
        image_column: Holds the paths of the pictures.
        label_columns: Hold 0 or 1 for a class each, or the name of a class each.
        labels_column: Holds all classes of a picture, or one where it has several rows.
        separator: Between the classes in one cell; ``'none'`` takes each cell as it is.
        drop_columns: Hold no classes.
        names: Of classes that are numbers, that of number 0 first.
        class_names: A file of two columns: a class as the table writes it, and its name.
        positive_words: Mean that a class is shown, besides those that are known.
        negative_words: Mean that it is not.
        confidence: A label counts from this number on.
        uncertain: How -1 beside 0, or a word for uncertain, counts.
        blank: How an empty cell, or NaN, counts.
        merge_case: Take names that differ by case alone as one class.
        repeated: What rows of the same picture but other labels do: ``'union'`` joins them.
    """

    encoding: str | None = None
    delimiter: str | None = None
    skip_lines: int | None = None
    header: Sequence[str] | None = None
    image_column: str | None = None
    label_columns: Sequence[str] = ()
    labels_column: str | None = None
    separator: str | None = None
    drop_columns: Sequence[str] = ()
    names: Sequence[str] = ()
    class_names: Path | None = None
    positive_words: Sequence[str] = ()
    negative_words: Sequence[str] = ()
    confidence: float | None = None
    uncertain: Count = 'refuse'
    blank: Count = 'refuse'
    merge_case: bool = False
    repeated: Literal['refuse', 'union'] = 'refuse'
