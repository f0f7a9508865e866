"""A table as it lies in a file: a header, and rows of cells."""

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dbl.errors import InputError, shortened
from dbl.files import unique_keys
from dbl.label_files.exports import LABEL_KEYS, cvat_images, records_of, via_rows
from dbl.label_files.text import decode, delimiter_line, find_delimiter, shown_delimiter, split_rows
from dbl.label_files.words import PICTURE_NAMES, meaning, plain
from dbl.limits import check_most

Cell = str | list[str]
Row = tuple[int, Sequence[Cell]]
PICTURES = tuple('.jpg .jpeg .png .bmp .gif .tif .tiff .webp .jp2 .ppm .pgm'.split())
TEXT, RECORDS = ('.csv', '.tsv', '.txt'), ('.jsonl', '.ndjson', '.json')
SAMPLE = 1000  # rows that tell what the columns hold
SUFFIXES = (*TEXT, *RECORDS, '.xml', '.parquet')


@dataclass(frozen=True)
class Table:
    """A table, whose rows can be gone through more than once.

    Attributes:
        path: Its file.
        header: The names of the columns; a column without a name has an empty one.
        rows: Gives the rows, each with the number of its line or record.
        form: What the file is, in words.
        unit: ``'line'`` or ``'record'``, what the numbers count.
    """

    path: Path
    header: list[str]
    rows: Callable[[], Iterator[Row]]
    form: str
    unit: str = 'line'

    @property
    def is_text(self) -> bool:
        """Whether it is text in rows, with an encoding and a delimiter."""
        return self.unit == 'line'

    def sample(self, count: int = SAMPLE) -> list[Sequence[Cell]]:
        """The first rows."""
        return [row for _, row in islice(self.rows(), count)]

    def place(self, number: int) -> str:
        """Names a row for messages that name the file."""
        return f'{self.unit} {number}'


def open_table(
    path: Path,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: Sequence[str] | None = None,
) -> Table:
    """Opens a .csv, .tsv, .txt, .jsonl, .json or .parquet file.

    Args:
        path: The file.
        encoding: Of a text file; None means UTF-8, or UTF-16 with its mark.
        delimiter: Between the cells of a text file; None finds it.
        header: Names for the columns of a text file without a header.

    Raises:
        InputError: The file is missing, or is no table; it says what would read it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'pets.csv'
    >>> _ = path.write_text('image;cat;dog\\na.jpg;1;0\\n')
    >>> table = open_table(path)
    >>> table.header, table.sample(), table.form
    (['image', 'cat', 'dog'], [['a.jpg', '1', '0']], 'text in cells parted by semicolon')
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"'{path}' is no table; one ends in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise InputError(f"'{path}' does not exist")
    if path.suffix.lower() in TEXT:
        return _open_text(path, encoding, delimiter, header)
    if path.suffix == '.parquet':
        return as_table(path, _parquet(path), 'Parquet')
    return as_table(path, *(_xml(path) if path.suffix == '.xml' else _json(path, encoding)))


def _open_text(
    path: Path, encoding: str | None, delimiter: str | None, names: Sequence[str] | None
) -> Table:
    text = decode(path, encoding)
    given = delimiter_line(text)
    delimiter = delimiter or given or find_delimiter(path, text)
    lines = split_rows(path, text, delimiter)
    if given:
        next(lines)
    header, first = _header(path, islice(lines, 20), names is not None)
    if names is None and header is None:
        raise InputError(
            f'{path} has no header; --header names its columns, as --header image cat dog'
        )
    header = list(map(one_spelling, names or header or []))

    def rows() -> Iterator[Row]:
        for number, row in split_rows(path, text, delimiter):
            if number >= first and (len(row) > 1 or not row[0].startswith('#')):
                yield number, row

    form = f'text in cells parted by {shown_delimiter(delimiter)}'
    if {*header} >= {'filename', 'file_attributes', 'region_attributes'}:
        records = via_rows([dict(zip(header, row, strict=False)) for _, row in rows()])
        return as_table(path, records, f"{form}, VGG Image Annotator's export")
    return Table(path, header, rows, form)


def _header(
    path: Path, rows: Iterator[tuple[int, list[str]]], replaced: bool
) -> tuple[list[str] | None, int]:
    """The header, or None, and the line at which the rows begin."""
    found = list(rows)
    if not found:
        raise InputError(f"'{path}' is empty")
    width = len(found[-1][1])
    while len(found) > 1 and len(found[0][1]) != width and _is_no_header(found[0][1]):
        del found[0]
    (line, header), *rest = found
    if _is_data(header) or (replaced and not _names_pictures(header)):
        return None, line
    if rest and _goes_on(header, rest[0][1]):  # pandas writes two lines for columns of two levels
        return rest[0][1], rest[0][0] + 1
    named, cells = _without_end(header), _without_end(found[-1][1])
    if (
        len(named) == len(cells) - 1 and not _names_pictures(named) and is_picture(cells[0])
    ):  # as CelebA's
        return ['image', *named], line + 1
    return [header[0].removeprefix('#'), *header[1:]], line + 1


def _without_end(row: list[str]) -> list[str]:
    """A row without the empty cells at its end."""
    while row and not row[-1].strip():
        row = row[:-1]
    return row


def _is_no_header(row: list[str]) -> bool:
    """Whether a row before the header is a comment, or says how many rows come."""
    return row[0].startswith('#') or (len(row) == 1 and row[0].strip().isdecimal())


def _is_data(row: list[str]) -> bool:
    """Whether a row holds what no header does: a picture, or nothing but one name and numbers."""
    if any(map(is_picture, row)):
        return True
    others = [cell for cell in row if meaning(cell) in ('other', 'blank')]
    return len(row) > 1 and len(others) <= 1 and not _names_pictures(row)


def _names_pictures(header: list[str]) -> bool:
    return any(plain(name) in PICTURE_NAMES for name in header)


def _goes_on(header: list[str], row: list[str]) -> bool:
    repeated = len(set(header)) < len(header)
    return repeated and not _is_data(row) and len(row) == len(header) and row[0] == header[0]


def is_picture(cell: Cell) -> bool:
    """Whether a cell is the path of a picture.

    >>> is_picture('a/b.JPG '), is_picture('b')
    (True, False)
    """
    return isinstance(cell, str) and cell.strip().lower().endswith(PICTURES)


def one_spelling(name: str) -> str:
    """Strips a name, and composes its accents: Unicode has two forms of them (NFC).

    >>> one_spelling(' Ba\\u0308r ') == 'B\\u00e4r'
    True
    """
    return unicodedata.normalize('NFC', name).strip()


def as_table(path: Path, records: Sequence[Any], form: str) -> Table:
    """Makes a table of records, which are objects.

    Raises:
        InputError: There are none, or one is no object.
    """
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise InputError(
                f'{path}, record {number}: expected an object, as {{"image": "a.jpg", "labels": '
                f'["cat"]}}, but got {shortened(json.dumps(record))}'
            )
    if not records:
        raise InputError(f"'{path}' holds no records")
    header = list(dict.fromkeys(key for record in records for key in record))

    def rows() -> Iterator[Row]:
        for number, record in enumerate(records, start=1):
            yield number, [as_cell(record.get(key)) for key in header]

    return Table(path, list(map(one_spelling, header)), rows, form, 'record')


def as_cell(value: Any) -> Cell:
    """Makes a cell of a value of JSON.

    A list that is all an object holds stands for it, and so do the names that it calls true.

    >>> as_cell({'choices': ['cat', 'dog']}), as_cell({'cat': 1, 'dog': 0}), as_cell(None)
    (['cat', 'dog'], ['cat'], '')
    """
    if isinstance(value, dict) and value and all(v in (0, 1) for v in value.values()):
        return [name for name, shown in value.items() if shown]
    if isinstance(value, dict):
        value = next(iter(value.values())) if len(value) == 1 else _label_of(value)
    if isinstance(value, (list, tuple, set)):
        inner = [item for part in value for item in (part if isinstance(part, list) else [part])]
        return [_text(_label_of(item)) for item in inner]
    return _text(value)


def _label_of(item: Any) -> Any:
    """The class of an object that stands for a label, as in CreateML's files."""
    known = (item[key] for key in LABEL_KEYS if key in item) if isinstance(item, dict) else ()
    return next(iter(known), item)


def _text(value: Any) -> str:
    if value is None:
        return ''
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _json(path: Path, encoding: str | None) -> tuple[list[Any], str]:
    """The records of a .json, or of a .jsonl, whose objects may take several lines each."""
    text = decode(path, encoding)
    decoder = json.JSONDecoder(object_pairs_hook=unique_keys)
    records, at = [], 0
    try:
        while (at := _next(text, at)) < len(text):
            record, at = decoder.raw_decode(text, at)
            records.append(record)
    except (ValueError, RecursionError) as error:
        line = text.count('\n', 0, at) + 1
        raise InputError(f'{path}, line {line}: not JSON: {shortened(error, 200)}') from error
    try:
        found = records_of(records[0]) if len(records) == 1 else None
    except (AttributeError, KeyError, TypeError, InputError) as error:
        raise InputError(f"'{path}': {shortened(error, 300)}") from error
    return found or (records, 'JSON lines')


def _xml(path: Path) -> tuple[list[Any], str]:
    check_most('DBL_MAX_XML', path.stat().st_size, f"the bytes of '{path}'")
    try:
        return cvat_images(ElementTree.fromstring(path.read_bytes())), "CVAT's export"
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InputError(f"'{path}' is not XML: {error}") from error


def _next(text: str, at: int) -> int:
    """Where the next value begins."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _parquet(path: Path) -> list[Any]:
    try:
        import polars
    except ModuleNotFoundError as error:
        raise InputError(
            f"'{path}': a .parquet file needs polars: `pip install polars`, or save it as .csv"
        ) from error
    try:
        return polars.read_parquet(path).to_dicts()
    except Exception as error:  # of whatever kind the bytes lead to
        raise InputError(f"'{path}' is not a Parquet file: {shortened(error, 200)}") from error
