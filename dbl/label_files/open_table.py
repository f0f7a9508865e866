"""Opens a table, whatever kind of file it is in."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dbl.errors import InputError
from dbl.label_files.exports import via_rows
from dbl.label_files.header import find_header
from dbl.label_files.records import (
    as_table,
    read_json_records,
    read_parquet_records,
    read_xml_records,
)
from dbl.label_files.table import Row, Table
from dbl.label_files.text import decode, delimiter_line, find_delimiter, shown_delimiter, split_rows
from dbl.label_files.words import one_spelling

TEXT = ('.csv', '.tsv', '.txt')
SUFFIXES = (*TEXT, '.jsonl', '.ndjson', '.json', '.xml', '.parquet')


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
    if path.suffix.lower() == '.parquet':
        return as_table(path, read_parquet_records(path), 'Parquet')
    if path.suffix.lower() == '.xml':
        return as_table(path, *read_xml_records(path))
    return as_table(path, *read_json_records(path, encoding))


def _open_text(
    path: Path, encoding: str | None, delimiter: str | None, names: Sequence[str] | None
) -> Table:
    text = decode(path, encoding)
    given = delimiter_line(text)
    delimiter = delimiter or given or find_delimiter(path, text)
    lines = split_rows(path, text, delimiter)
    if given:
        next(lines)
    header, first = find_header(path, islice(lines, 20), names is not None)
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
