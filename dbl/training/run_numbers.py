"""The files of a run that hold numbers: metrics.json and scalars.json."""

import json
import math
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbl.errors import InputError, shortened
from dbl.files import open_text, read_json, whole_file

SELECTED = r'(ema/)?selected/epoch'  # the one metric that is not a share
LONGEST_LINE = 100_000  # characters in a line of scalars.json
MOST_LOGGED, MOST_STEPS = 2.0**128, 2**53  # what a float32 holds, and a float64 counts


def is_number(value: Any) -> bool:
    """Whether a value from JSON is a number that a float can hold. NaN is not one."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def write_metrics(path: Path, metrics: Mapping[str, float]) -> None:
    """Writes flat metrics as JSON, all or nothing. A mean over no class is null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_object(path, {k: None if math.isnan(value) else value for k, value in metrics.items()})


def read_metrics(path: Path) -> dict[str, float]:
    """Reads what :func:`write_metrics` wrote.

    Raises:
        InputError: The file is missing or damaged; an impossible metric is named.
    """
    metrics = read_json(path)
    for key, value in metrics.items():
        most = MOST_STEPS if re.fullmatch(SELECTED, key) else 1
        if value is not None and not (is_number(value) and 0 <= value <= most):
            raise InputError(
                f"'{path}' is damaged: {shortened(key)} must be a number from 0 to {most}, or "
                f'null, but got {shortened(repr(value))}'
            )
    return {key: math.nan if value is None else value for key, value in metrics.items()}


def read_log(path: Path) -> list[dict[str, float]]:
    """Reads the lines of ``scalars.json`` that are whole and hold only numbers.

    Without a file there are none.

    Raises:
        InputError: The file exists, but cannot be read.
    """
    if not os.path.lexists(path):
        return []
    with open_text(path, errors='replace') as file:
        # A longer line is not ours. It is read in parts, and each is passed over.
        lines = iter(lambda: file.readline(LONGEST_LINE), '')
        return [row for line in lines if (row := _scalars(line))]


def _scalars(line: str) -> dict[str, float]:
    """Reads a line of ``scalars.json``, empty if it is not whole or holds what no run logs."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(row, dict) or type(row.get('step')) is not int or not ''.join(row).isascii():
        return {}
    numbers = all(is_number(value) and abs(value) <= MOST_LOGGED for value in row.values())
    return row if numbers and 0 <= row['step'] <= MOST_STEPS else {}


def write_object(path: Path, content: Mapping[str, Any]) -> None:
    """Writes JSON that people can read, whole or not at all."""
    with whole_file(path) as part:
        text = json.dumps(content, indent=1, ensure_ascii=False)
        part.write_text(text + '\n', encoding='utf-8')
