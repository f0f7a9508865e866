"""Reads configs with their bases, and overrides their values."""

import ast
import runpy
from collections.abc import Iterable, Mapping
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

from mmengine.config import Config

from dbl.check_config import check_config
from dbl.errors import InputError, unknown
from dbl.settings import RENAMED, TOP_LEVEL

DELETE = (
    '_delete_ is gone: a new type replaces the whole dict, and so does a value that is not a dict'
)
# In a wheel the configs are inside the package, in a checkout beside it.
_PLACES = Path(__file__).with_name('configs'), Path(__file__).parents[1] / 'configs'
CONFIGS = next((place for place in _PLACES if place.is_dir()), _PLACES[1])


def load_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Reads a config file and its bases, and overrides values.

    A config is Python code, which is executed. Its ``_base_`` names the files that it changes,
    relative to its own folder; see :func:`merge`. Values that follow from the data are not filled
    in here.

    Args:
        path: A .py file, or the name of one that comes with dbl, such as ``'demo/db_focal'``.
        options: Values by dotted key, such as ``{'model.neck.dropout': 0.0}``, in any order.

    Raises:
        InputError: A file is missing or wrong, the options give a key twice, or the config does not
            pass :func:`~dbl.check_config.check_config`.

    >>> from dbl import load_config
    >>> load_config('demo/db_focal', {'optimizer.lr': 0.1}).optimizer.lr
    0.1
    """
    path = find_config(path)
    values = _read(path)
    if not values:
        raise InputError(f"config '{path}' sets no key; begin it with the _base_ that it changes")
    values = merge(values, _nested(options or {}))
    check_config(values)
    return Config(values, filename=str(path))


def find_config(path: str | Path) -> Path:
    """Finds a config by its path or, if it has no suffix, by its name in configs/.

    >>> find_config('demo/db_focal').relative_to(CONFIGS).as_posix()
    'demo/db_focal.py'
    """
    path = Path(path)
    named = (CONFIGS / path).with_suffix('.py')
    if path.suffix or path.is_file():
        return path
    if not named.is_file():
        raise unknown('config', path.as_posix(), known_configs())
    return named


def merge(base: Any, change: Any, key: str = '') -> Any:
    """Applies a change to a config: dicts are merged, and everything else is replaced.

    A dict whose ``type`` differs from the base's replaces it, since it takes other arguments. A
    dict whose keys are numbers as text, such as ``{'0': ...}``, changes those entries of a list.

    Raises:
        InputError: A key is not text, or names an entry that a list does not have.

    >>> from dbl.config import merge
    >>> merge({'loss': {'type': 'A', 'mu': 1}}, {'loss': {'mu': 2}})
    {'loss': {'type': 'A', 'mu': 2}}
    >>> merge({'loss': {'type': 'A', 'mu': 1}}, {'loss': {'type': 'B'}})
    {'loss': {'type': 'B'}}
    """
    if not isinstance(change, Mapping):
        return change
    _check_change(change, key)
    if isinstance(base, (list, tuple)) and change and all(name.isdecimal() for name in change):
        return _merged_list(base, change, key)
    if not isinstance(base, Mapping) or _is_another_type(base, change):
        base = {}
    places = {name: f'{key}.{name}' if key else name for name in change}
    return {**base, **{n: merge(base.get(n), value, places[n]) for n, value in change.items()}}


def _check_change(change: Mapping, key: str) -> None:
    if '_delete_' in change:
        raise InputError(f'{key}: {DELETE}')
    for name in change:
        if not isinstance(name, str):
            raise InputError(f"{key}: keys must be text, such as '{name}', but got {name!r}")


def _is_another_type(base: Mapping, change: Mapping) -> bool:
    return 'type' in base and 'type' in change and base['type'] != change['type']


def _merged_list(base: list | tuple, change: Mapping[str, Any], key: str) -> list:
    entries = list(base)
    for name, value in change.items():
        if int(name) >= len(entries):
            raise InputError(f'{key}.{name}: the list has {len(entries)} entries, counted from 0')
        entries[int(name)] = merge(entries[int(name)], value, f'{key}.{name}')
    return entries


def _read(path: Path, above: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Reads a config file on top of its bases. It is itself a base of the files ``above``."""
    _check_file(path)
    files = (*above, path.resolve())
    if files[-1] in above:
        raise InputError(f"config '{path}' is its own base: {' -> '.join(map(str, files))}")
    found = _run(path)
    own = {name: value for name, value in found.items() if _is_value(name, value)}
    bases = [_read(base, files) for base in _bases(path, found.get('_base_', []))]
    return reduce(merge, [*bases, own], {})


def _check_file(path: Path) -> None:
    if path.suffix != '.py':
        raise InputError(f"config '{path}' must be a Python file, or a name such as demo/db_focal")
    if not path.is_file():
        rows = sorted(p.stem for p in path.parent.glob('*.py'))
        if not rows:
            raise unknown('config', path.as_posix(), known_configs())
        raise InputError(f"config '{path}' does not exist; its folder has {', '.join(rows)}")
    try:
        path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"config '{path}' must be readable UTF-8 text: {error}") from error


def known_configs() -> list[str]:
    """The configs that come with dbl, by name.

    >>> 'reuters/linear/db' in known_configs()
    True
    """
    paths = sorted(CONFIGS.glob('[!_]*/**/*.py'))
    return [path.relative_to(CONFIGS).with_suffix('').as_posix() for path in paths]


def _run(path: Path) -> dict[str, Any]:
    try:
        return runpy.run_path(str(path))
    except (Exception, SystemExit) as error:  # it is Python, and may raise anything
        raise InputError(f"config '{path}' cannot be read: {error!r}") from error


def _bases(path: Path, named: Any) -> list[Path]:
    bases = named if isinstance(named, (list, tuple)) else [named]
    if not all(isinstance(base, str) for base in bases):
        raise InputError(f"config '{path}': _base_ must be text or a list of it, but got {named!r}")
    return [path.parent / base if Path(base).suffix else find_config(base) for base in bases]


def _is_value(name: str, value: Any) -> bool:
    """Whether a name in a config file is a key, or data that may be a misspelt key."""
    if name in TOP_LEVEL or name in RENAMED:
        return True
    return not name.startswith('_') and not isinstance(value, ModuleType) and not callable(value)


def _nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Turns options by dotted key into one nested change, so that their order does not matter."""
    nested: dict[str, Any] = {}
    for key, value in options.items():
        for name in reversed(key.split('.')):
            value = {name: value}
        nested = _united(nested, value)
    return nested


def _united(one: Mapping[str, Any], other: Mapping[str, Any], place: str = '') -> dict[str, Any]:
    """Unites two dicts. A key that both have must hold dicts, which are united in turn."""
    united = dict(one)
    for name, value in other.items():
        if name in one:
            value = _united_values(one[name], value, f'{place}{name}')
        united[name] = value
    return united


def _united_values(one: Any, other: Any, key: str) -> dict[str, Any]:
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        raise InputError(f"option '{key}' is given twice, or as a whole and in part; give it once")
    return _united(one, other, f'{key}.')


def parse_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Reads ``KEY=VALUE`` texts. A value is a Python literal, or else text.

    True and False are read in any case. If a key comes twice, the last value counts, so that
    options can be added at the end of a command.

    Raises:
        InputError: A text has no key or no ``=``.

    >>> from dbl.config import parse_options
    >>> parse_options(['optimizer.lr=1e-3', 'schedule.milestones=[5,7]', 'data_root=my photos'])
    {'optimizer.lr': 0.001, 'schedule.milestones': [5, 7], 'data_root': 'my photos'}
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition('=')
        if not equals or not key:
            raise InputError(f"options must be KEY=VALUE, but got '{pair}'")
        options[key] = _parse_value(text)
    return options


def _parse_value(text: str) -> Any:
    if text.lower() in ('true', 'false'):
        return text.lower() == 'true'
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return text
