import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbl.errors import InputError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to, beside the one wanted, which gets the content all or nothing.

    What was there before stays until the new content is on the disk.

    Raises:
        InputError: The disk is full, or cannot be written to.
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
