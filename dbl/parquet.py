"""Parquet files need polars, which few people need."""

from types import ModuleType

from dbl.errors import InputError


def polars_for(path: object) -> ModuleType:
    """Imports polars, for a .parquet file that is to be read or written.

    Raises:
        InputError: It is not installed; the file is named.

    >>> polars_for('labels.parquet').__name__
    'polars'
    """
    try:
        import polars
    except ModuleNotFoundError as error:
        raise InputError(
            f"'{path}': a .parquet file needs polars: `pip install polars` (the extra `parquet`), "
            'or take a .csv'
        ) from error
    return polars
