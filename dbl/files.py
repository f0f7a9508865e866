"""Reads and writes small files so that they are whole, and so that a bad one is named."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbl.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a path to write to, beside the one wanted, which gets the content all or nothing.

    What was there before stays until the new content is on the disk.

    Raises:
        InputError: The disk is full, or cannot be written to.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'run.json'
    >>> with whole_file(path) as part:
    ...     _ = part.write_text('{}')
    >>> path.read_text()
    '{}'
    """
    part = path.with_name(f'{path.name}.part')
    try:
        yield part
        with part.open('rb+') as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(
            f"cannot write '{path}': {error.strerror or error}; what was saved before is whole"
        ) from error


def read_object(path: Path) -> dict:
    """Reads a JSON object, which is empty where there is no file, or none that is whole.

    >>> read_object(Path('no such file.json'))
    {}
    """
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file in UTF-8.

    Raises:
        InputError: The file is not text in UTF-8.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'ids.txt'
    >>> _ = path.write_text('12\\n5\\n')
    >>> read_lines(path)
    ['12', '5']
    """
    try:
        return path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not text in UTF-8: {error}") from error
