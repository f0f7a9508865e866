from pathlib import Path

from dbl.errors import InputError


def read_lines(path: Path) -> list[str]:
    """Reads the lines of a text file in UTF-8.

    Raises:
        InputError: The file is not text in UTF-8.
    """
    try:
        return path.read_text(encoding='utf-8-sig').splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"'{path}' is not text in UTF-8: {error}") from error
