"""Opens a table, whatever kind of file it is in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import dropwhile, islice
from pathlib import Path

from dbl.errors import InputError
from dbl.label_files.annotation_tools import via_rows
from dbl.label_files.cvat import read_xml_records
from dbl.label_files.header import find_header
from dbl.label_files.records import (
    as_table,
    read_json_records,
    read_parquet_records,
)
from dbl.label_files.table import Row, Table
from dbl.label_files.text import decode, delimiter_line, find_delimiter, shown_delimiter, split_rows
from dbl.label_files.unread import UNREAD
from dbl.label_files.words import one_spelling
from dbl.label_files.yolo import LINE

TEXT = ('.csv', '.tsv', '.txt')
LOOKED_AT = 20  # rows, to find the header
# The answers that a file of text, or of JSON, is opened with.
OF_TEXT = frozenset(['encoding', 'delimiter', 'header', 'skip_lines'])
OF_JSON = frozenset(['encoding'])
SUFFIXES = (*TEXT, '.jsonl', '.ndjson', '.json', '.xml', '.parquet')


def open_table(
    path: Path,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: Sequence[str] | None = None,
    skip_lines: int | None = None,
) -> Table:
    """Opens a .csv, .tsv, .txt, .jsonl, .json or .parquet file.

    Args:
        path: The file.
        encoding: Of a text file; None means UTF-8, or UTF-16 with its mark.
        delimiter: Between the cells of a text file; None finds it.
        header: Names for the columns of a text file without a header.
        skip_lines: How many lines of a text file stand above its header; None finds titles.

    Raises:
        InputError: The file is missing, or is no table; it says what would read it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'pets.csv'
    >>> _ = path.write_text('image;cat;dog\\na.jpg;1;0\\n')
    >>> table = open_table(path)
    >>> table.header, [*table.sample()[0]], table.form
    (['image', 'cat', 'dog'], ['a.jpg', '1', '0'], 'text in cells parted by semicolon')
    """
    if not path.is_file():
        raise InputError(f"'{path}' does not exist")
    if helps := UNREAD.get(path.suffix.lower()):
        raise InputError(f"'{path}' {helps}")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"'{path}' is no table; one ends in {', '.join(SUFFIXES)}")
    if path.suffix.lower() in TEXT:
        table = _open_text(path, decode(path, encoding), delimiter, header, skip_lines)
        return replace(table, used=OF_TEXT)
    if path.suffix.lower() == '.parquet':
        return as_table(path, read_parquet_records(path), 'Parquet')
    if path.suffix.lower() == '.xml':
        return as_table(path, *read_xml_records(path))
    return replace(as_table(path, *read_json_records(path, encoding)), used=OF_JSON)


def _open_text(
    path: Path,
    text: str,
    delimiter: str | None,
    names: Sequence[str] | None,
    skip_lines: int | None,
) -> Table:
    if skip_lines is not None and skip_lines < 0:
        raise InputError(f'--skip-lines must be at least 0, but got {skip_lines}')
    named = delimiter_line(text)
    text = without_first_lines(text, max(skip_lines or 0, bool(named)))
    delimiter = delimiter or named or find_delimiter(path, text)
    rows_of_text = islice(split_rows(path, text, delimiter), LOOKED_AT)
    start = [(number, list(row)) for number, row in rows_of_text]
    found = find_header(path, start, names is not None, skip_lines)
    if names is None and found.names is None:
        raise _no_header(path, start[0][1])
    header = list(map(one_spelling, names or found.names or []))
    rows = partial(_rows_from, path, text, delimiter, found.first)
    form = f'text in cells parted by {shown_delimiter(delimiter)}{found.above}'
    return _of_via(Table(path, header, rows, form))


def _no_header(path: Path, first: Sequence[str]) -> InputError:
    if LINE.fullmatch(' '.join(first)):
        return InputError(f"'{path}' is YOLO's label file of one picture; name the whole folder")
    return InputError(
        f'{path} has no header; --header names its columns, as --header image cat dog'
    )


def _rows_from(path: Path, text: str, delimiter: str, first: int) -> Iterator[Row]:
    """The rows from a line on, without comments."""
    rows = dropwhile(lambda row: row[0] < first, split_rows(path, text, delimiter))
    if '#' not in text:
        return rows
    return (row for row in rows if len(row[1]) > 1 or not row[1][0].startswith('#'))


def _of_via(table: Table) -> Table:
    """The table as it is, or, if VGG Image Annotator exported it, that of its records."""
    if not {*table.header} >= {'filename', 'file_attributes', 'region_attributes'}:
        return table
    records = via_rows([dict(zip(table.header, row, strict=False)) for _, row in table.rows()])
    return as_table(table.path, records, f"{table.form}, VGG Image Annotator's export")


def without_first_lines(text: str, count: int) -> str:
    """Empties the first lines, so that the others keep their numbers.

    >>> without_first_lines('Pets\\r\\n2024\\nimage,cat\\n', 2)
    '\\n\\nimage,cat\\n'
    """
    return re.sub(r'[^\r\n]*(\r\n|\r|\n|$)', '\n', text, count=count) if count else text
