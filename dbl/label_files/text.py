"""Tables in text: their encoding, their delimiter, and their rows."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from dbl.errors import InputError, shortened
from dbl.label_files.line import Line

SAMPLE = 2**16  # bytes, or characters, that are looked at
ENCODINGS = ('cp1252', 'gb18030', 'shift_jis', 'big5', 'euc_kr', 'cp1251')  # offered, not guessed
MARKS = {  # the longer ones first, since one of these begins with another
    codecs.BOM_UTF32_LE: 'utf-32',
    codecs.BOM_UTF32_BE: 'utf-32',
    codecs.BOM_UTF16_LE: 'utf-16',
    codecs.BOM_UTF16_BE: 'utf-16',
}
# What files begin with that are no text, but are often called .csv.
PACKED = {
    b'PK\x03\x04': 'a spreadsheet or another packed file; save it as text, or unpack it',
    b'\x1f\x8b': 'packed with gzip; unpack it',
    b'PAR1': 'a Parquet file; call it .parquet',
}
DELIMITERS = {',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar', ' ': 'blank'}
Rows = Iterator[tuple[int, Sequence[str]]]


def decode(path: Path, encoding: str | None = None) -> str:
    """Reads a file as text: in the encoding that is given, or in UTF-8 or UTF-16.

    No other is guessed. In a small table several read well, and make other names of the classes.

    Raises:
        InputError: It cannot be read, or is not text in that encoding.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}") from error
    if helps := next((why for start, why in PACKED.items() if content.startswith(start)), None):
        raise InputError(f"'{path}' is no text, whatever its name ends in: it is {helps}")
    marked = (name for mark, name in MARKS.items() if content.startswith(mark))
    name = encoding or next(marked, 'utf-8-sig')
    try:
        text = content.decode(name)
    except LookupError as error:
        raise InputError(f"--encoding '{encoding}' is unknown; gbk and cp1252 are two") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not text in {encoding or 'UTF-8'}; --encoding says in which"
            f'{_readings(content)}'
        ) from error
    if '\0' in text:
        raise _holds_zeros(path, content)
    return text


def _holds_zeros(path: Path, content: bytes) -> InputError:
    """Says what a file with zero bytes is: UTF-16, where every other one is zero, or no text."""
    zeros = [content[start:SAMPLE:2].count(0) for start in (0, 1)]
    if max(zeros) > max(4 * min(zeros), len(content[:SAMPLE]) / 16):
        encoding = 'utf-16-le' if zeros[1] > zeros[0] else 'utf-16-be'
        return InputError(f"'{path}' holds zero bytes; --encoding {encoding} reads such a file")
    return InputError(
        f"'{path}' is no text, it holds zero bytes; remove them, or name another table with --train"
    )


def _readings(content: bytes) -> str:
    """Shows how usual encodings read the first word that is not ASCII."""
    (start, end) = next(re.finditer(rb'[^\n,;\t|"]*[\x80-\xff][^\n,;\t|"]*', content)).span()
    shown = {}
    for encoding in ENCODINGS:
        with suppress(UnicodeDecodeError):
            content[:SAMPLE].rpartition(b'\n')[0].decode(encoding)
            shown[encoding] = content[start:end].decode(encoding)
    words = [f"{encoding} reads '{shortened(word, 20)}'" for encoding, word in shown.items()]
    return f': {", ".join(words)}' if words else ''


def split_rows(path: Path, text: str, delimiter: str) -> Rows:
    """Splits text into rows, each with the number of its line, and leaves out empty ones.

    Raises:
        InputError: A quoted cell does not end, or goes on behind its end.
    """
    is_plain = '"' not in text and delimiter != ' '
    rows = _split_plain(text, delimiter) if is_plain else _split_quoted(path, text, delimiter)
    for number, row in rows:
        if row[0] or any(map(str.strip, row)):
            yield number, row


def _split_plain(text: str, delimiter: str) -> Rows:
    """Splits text without quotes as csv does, a line at a time: often only the first are wanted."""
    if '\r' in text:
        text = text.replace('\r\n', '\n').replace('\r', '\n')
    initial = f'{delimiter} '
    number = start = 0
    while start <= len(text):
        end = text.find('\n', start)
        line = text[start:end] if end >= 0 else text[start:]
        start = end + 1 if end >= 0 else len(text) + 1
        number += 1
        if initial in line or line.startswith(' '):
            yield number, [cell.lstrip(' ') for cell in line.split(delimiter)]
        else:
            yield number, Line(line, delimiter)


def _split_quoted(path: Path, text: str, delimiter: str) -> Rows:
    lines = io.StringIO(text, newline=None)  # which knows the line ends of all systems
    csv.field_size_limit(2**27)  # a mask, or a list of thousands, may stand in a cell
    if len(delimiter) > 1:
        raise InputError(
            f"'{path}' holds quotes, with which --delimiter must be one character, but got "
            f"'{shortened(delimiter, 20)}'"
        )
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in filter(None, reader):
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            f'{path}, line {reader.line_num}: {error}; a cell that holds quotes or the delimiter '
            'stands in quotes, and quotes inside are written twice'
        ) from error


def find_delimiter(path: Path, text: str) -> str:
    """Finds the delimiter with which most of the first lines have the same number of cells.

    >>> find_delimiter(Path('a.csv'), 'image;labels\\na.jpg;cat|dog\\nb.jpg;cat\\n')
    ';'
    """
    return max(DELIMITERS, key=lambda delimiter: _regularity(path, text, delimiter))


def _regularity(path: Path, text: str, delimiter: str) -> tuple[float, bool]:
    if delimiter == ' ' and path.suffix != '.txt':
        return 0.0, False
    widths = Counter[int]()
    try:
        for _, row in islice(split_rows(path, text[:SAMPLE], delimiter), 1000):
            if not row[0].startswith('#'):
                widths[len(row)] += 1
    except InputError:  # the sample may end in a quoted cell
        pass
    if not widths:
        return 0.0, False
    width, count = widths.most_common(1)[0]
    return (count / widths.total() if width > 1 else 0.0), delimiter == ','


def delimiter_line(text: str) -> str | None:
    """Finds the delimiter that a first line ``sep=;`` names, as Excel wants it.

    >>> delimiter_line('sep=;\\nimage;cat\\n')
    ';'
    """
    first = text[:8].splitlines()[:1]
    if first and first[0].startswith('sep=') and len(first[0]) == 5:
        return first[0][4]
    return None


def shown_delimiter(delimiter: str) -> str:
    """Says a delimiter in words.

    >>> shown_delimiter('\\t'), shown_delimiter(':')
    ('tab', "':'")
    """
    return DELIMITERS.get(delimiter, shortened(repr(delimiter)))
