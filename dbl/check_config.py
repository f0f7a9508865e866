"""Refuses a config that lacks a setting, or has an unknown, impossible, or idle one."""

import sys
from collections.abc import Mapping
from typing import Any

from dbl.errors import InputError, shortened, unknown
from dbl.kinds import check_kind, check_least
from dbl.settings import (
    ADD_VALIDATION,
    RENAMED,
    SETTINGS,
    Setting,
    has_one_gradient,
    selects,
    validates,
)


def check_config(config: Mapping[str, Any]) -> None:
    """Raises InputError if a config lacks a setting, or has an unknown or impossible one.

    The inside of a part, a dict with a ``type``, is checked when it is built.

    >>> from dbl.config import load_config
    >>> from dbl.check_config import check_config
    >>> config = load_config('demo/db_focal')
    >>> config.clip_norm = -1
    >>> check_config(config)
    Traceback (most recent call last):
        ...
    dbl.errors.InputError: clip_norm must be above 0, but got -1
    """
    for key in config:
        if key in RENAMED:
            raise InputError(f"'{key}' is of dbl 0.1.0; its place takes {RENAMED[key]}")
    _check_below('', config)
    _check_together(config)
    _check_text('', config)


def _check_text(key: str, value: Any) -> None:
    """Refuses a path that is not in UTF-8, which no record of a run could hold."""
    if isinstance(value, Mapping):
        for name, own in value.items():
            _check_text(f'{key}.{name}' if key else name, own)
    elif isinstance(value, list | tuple):
        for number, own in enumerate(value):
            _check_text(f'{key}.{number}', own)
    elif isinstance(value, str) and value.encode(errors='replace').decode() != value:
        raise InputError(f'{key} must be in UTF-8, but got {value!r}; rename the file or folder')


def _check_below(place: str, values: Mapping[str, Any]) -> None:
    """Checks the settings of one place, such as ``'checkpoint.'``, and those below them."""
    here = {
        key.removeprefix(place): setting
        for key, setting in SETTINGS.items()
        if key.startswith(place) and '.' not in key.removeprefix(place)
    }
    if not here:  # a part, whose arguments are its own
        return
    for name in values:
        if name not in here:
            raise unknown(f'{place[:-1]}: argument' if place else 'top-level key', name, here)
    for name, setting in here.items():
        if name in values:
            _check_value(place + name, values[name], setting)
        elif setting.required:
            raise InputError(f'the config must have {place}{name}; configs/_base_/ has it')
        if isinstance(values.get(name), Mapping):
            _check_below(f'{place}{name}.', values[name])


def _check_value(key: str, value: Any, setting: Setting) -> None:
    """Raises InputError if a setting cannot have a value."""
    check_kind(key, value, setting.kind)
    if setting.choices and value not in setting.choices:
        raise unknown(key, value, setting.choices)
    if type(value) not in (int, float):
        return
    if not abs(value) <= sys.float_info.max:
        raise InputError(f'{key} must be finite, but got {shortened(value)}')
    if setting.above is not None and not value > setting.above:
        raise InputError(f'{key} must be above {setting.above}, but got {value}')
    if setting.least is not None:
        check_least(key, value, setting.least)
    if setting.below is not None and not value < setting.below:
        raise InputError(f'{key} must be below {setting.below}, but got {value}')


def _check_together(config: Mapping[str, Any]) -> None:
    """Refuses settings that have no effect together with the others."""
    if config['val_fraction'] is not None and config['val_source'] is not None:
        raise InputError('val_fraction and val_source exclude each other; set one of them to None')
    if config['val_fraction'] is None and config['val_seed'] != 0:
        raise InputError('val_seed has no effect without val_fraction; leave it at 0')
    if selects(config) and not validates(config):
        raise InputError(
            f"select='best' and patience need images apart from the test set; {ADD_VALIDATION}"
        )
    if config['cuda_graph'] and not has_one_gradient(config):
        raise InputError(
            'cuda_graph=True takes accumulate=1, compile=False, and float32 or bfloat16; set it to '
            'None'
        )
    if config['select_by'] != 'mAP/total' and not selects(config):
        raise InputError("select_by has no effect without select='best' or patience; add one")
