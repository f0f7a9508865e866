"""Writes small files whole or not at all, and reads them with errors that name the file."""

import json
import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from dbl.errors import InputError, shortened

MOST = 50_000_000  # characters of a JSON object, which may take 25 times that in memory
DEEPEST = 50  # levels of nested objects and lists


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives a temporary path to write to, so that a file is replaced whole or not at all.

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
        if os.path.lexists(part):  # it may be a link to something else, or a pipe
            delete(part)
        yield part
        with part.open('rb+') as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(
            f"cannot write '{path}': {error.strerror or error}; what was saved before is intact"
        ) from error
    except BaseException:  # an interruption, too
        part.unlink(missing_ok=True)
        raise


def check_target(path: Path, option: str) -> None:
    """Makes the folder of a file that a command will write, before it begins its work.

    Args:
        path: The file.
        option: The command's option for it, for messages.

    Raises:
        InputError: It is a folder, or in one that cannot be written to.
    """
    if path.is_dir():
        raise InputError(f"{option} '{path}' is a folder; name a file in it")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{option} '{path}': its folder cannot be written to; choose another")


def read_object(path: Path) -> dict[str, Any]:
    """Reads a JSON object, which is empty if the file is missing or damaged.

    >>> read_object(Path('no such file.json'))
    {}
    """
    try:
        return read_json(path)
    except InputError:
        return {}


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object that can be written again.

    Raises:
        InputError: The file is missing, too large, or not a JSON object in UTF-8; or it is nested
            too deep, or has a key twice.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'run.json'
    >>> _ = path.write_text('{"seed": 3}')
    >>> read_json(path)
    {'seed': 3}
    """
    try:
        with open_text(path) as file:
            text = file.read(MOST + 1)
        if len(text) > MOST:
            raise ValueError(f'it has more than {MOST} characters')
        content = json.loads(text, object_pairs_hook=unique_keys)
        _check_depth(content, DEEPEST)
        json.dumps(content, ensure_ascii=False).encode()  # fails on lone surrogates
        if not isinstance(content, dict):
            raise ValueError('it does not hold a JSON object')
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"'{path}' is damaged: {shortened(error, 200)}") from error
    return content


def unique_keys(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Makes a JSON object. A key that comes twice is refused, as its first value would be lost.

    Raises:
        ValueError: A key comes twice.

    >>> json.loads('{"a": 1, "b": 2}', object_pairs_hook=unique_keys)
    {'a': 1, 'b': 2}
    """
    content = dict(pairs)
    if len(content) < len(pairs):
        ((key, count),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f'the key {shortened(repr(key))} comes {count} times in one object')
    return content


def _check_depth(value: Any, left: int) -> None:
    if not isinstance(value, (dict, list)):
        return
    if not left:
        raise ValueError(f'it is nested more than {DEEPEST} levels deep')
    for child in value.values() if isinstance(value, dict) else value:
        _check_depth(child, left - 1)


@contextmanager
def open_text(path: Path, encoding: str = 'utf-8', errors: str = 'strict') -> Iterator[TextIO]:
    """Opens a text file to read. A pipe or a device is refused, as it may never end.

    Raises:
        InputError: It cannot be read, or is not a file.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"'{path}' is not a file, but a folder, pipe or device; move it away")
        with path.open(encoding=encoding, errors=errors) as file:
            yield file
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}") from error


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file in UTF-8.

    Raises:
        InputError: The file cannot be read, or is not text in UTF-8.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / 'ids.txt'
    >>> _ = path.write_text('12\\n5\\n')
    >>> read_lines(path)
    ['12', '5']
    """
    try:
        with open_text(path, encoding='utf-8-sig') as file:
            return file.read().splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not text in UTF-8: {error}") from error


def delete(path: Path) -> None:
    """Deletes a file, a folder, or a link but not its target."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
