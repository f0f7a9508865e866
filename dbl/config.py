"""Configs: read with their bases, overridden, and compared."""

import ast
import json
import runpy
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args

from mmengine.config import Config

from dbl.errors import InputError, unknown

# Every key of a config, and the kind of its value; configs/_base_/ says what each is for.
KEYS = {
    'data_root': str,
    'image_size': int,
    'seed': int,
    'deterministic': bool,
    'model': dict,
    'train_dataloader': dict,
    'test_dataloader': dict,
    'optimizer': dict,
    'base_batch_size': int | None,
    'clip_norm': float | None,
    'precision': str,
    'compile': bool | dict,
    'sync_bn': bool,
    'epochs': int,
    'schedule': dict,
    'evaluate_every': int | None,
    'log_every': int,
    'checkpoint': dict,
    'metric': dict,
}
CHECKPOINT = {'minutes': float | None, 'iterations': int | None}
# Keys of version 0.1.0, and what has taken their place.
RENAMED = {
    'param_scheduler': 'schedule, as schedule.milestones=[5,7]',
    'optim_wrapper': 'optimizer, clip_norm and precision',
    'default_hooks': 'log_every and checkpoint',
    'custom_hooks': 'after_step and after_epoch of dbl.train',
    'custom_imports': 'an import statement in the config',
    'train_cfg': 'epochs and evaluate_every',
    'randomness': 'seed and deterministic',
    'auto_scale_lr': 'base_batch_size; None leaves rate and warm-up as they are',
    'test_evaluator': 'metric',
    'val_dataloader': 'evaluate_every, which evaluates the test set for curves',
    'val_evaluator': 'metric',
    'env_cfg': 'nothing: a training sets it',
    'visualizer': 'nothing: scalars go to the run folder',
    'default_scope': 'nothing: names are found without it',
    'work_dir': '--work-dir',
    'launcher': '--launcher',
    'resume': '--resume',
    'load_from': '--resume',
}
DELETE = '_delete_ is gone: a new type replaces its dict, and so does every value that is no dict'
UNSET = 'unset'
KINDS = {
    bool: 'True or False',
    int: 'an integer',
    float: 'a number',
    str: 'text',
    dict: 'a dict',
    NoneType: 'None',
}


def load_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Reads a config file and its bases, and overrides values; nothing is completed.

    A config is Python, and is executed. Its ``_base_`` names the files that it changes, relative to
    its own folder, see :func:`merge`.

    Args:
        path: A .py file.
        options: Values by dotted key, as ``{'model.neck.dropout': 0.0}``, in any order.

    Raises:
        InputError: A file is missing or wrong, or a key is unknown.

    >>> from dbl import load_config
    >>> load_config('configs/demo/db_focal.py', {'optimizer.lr': 0.1}).optimizer.lr
    0.1
    """
    path = Path(path)
    values = merge(_read(path), _nested(options or {}))
    _check_keys(values)
    return Config(values, filename=str(path))


def _check_keys(values: Mapping[str, Any]) -> None:
    for key in values:
        if key in RENAMED:
            raise InputError(f"'{key}' is of dbl 0.1.0; its place takes {RENAMED[key]}")
        if key not in KEYS:
            raise unknown('top-level key', key, KEYS)
    _check_values('', values, KEYS)
    check_names('checkpoint', values['checkpoint'], CHECKPOINT)
    _check_values('checkpoint.', values['checkpoint'], CHECKPOINT)


def _check_values(place: str, values: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    for key in kinds.keys() - values.keys() - {'data_root'}:
        raise InputError(f'the config must have {place}{key}; configs/_base_/ has it')
    for key, value in values.items():
        check_kind(place + key, value, kinds[key])
        if kinds[key] == float | None and value is not None and not value > 0:
            raise InputError(f'{place}{key} must be above 0, but got {value}')
        if type(value) is int:
            check_least(place + key, value, 0 if key == 'seed' else 1)


def check_kind(key: str, value: Any, annotation: Any) -> None:
    """Raises InputError where a value is not of an annotation's kinds, if those are plain ones.

    >>> from dbl.config import check_kind
    >>> check_kind('clip_norm', 35, float | None)
    """
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    if not set(kinds) <= KINDS.keys():
        return
    fits = any(isinstance(value, dict) if kind is dict else type(value) is kind for kind in kinds)
    if not fits and not (float in kinds and type(value) is int):
        expected = ' or '.join(KINDS[kind] for kind in kinds)
        raise InputError(f'{key} must be {expected}, but got {value!r}')


def check_least(key: str, value: float, least: float) -> None:
    """Raises InputError where a number is less than it must be."""
    if not value >= least:
        raise InputError(f'{key} must be at least {least}, but got {value}')


def check_names(key: str, part: Any, known: Collection[str]) -> None:
    """Raises InputError where a part is no dict, or has a name that is unknown."""
    check_kind(key, part, dict)
    for name in part:
        if name not in known:
            raise unknown(f'{key}: argument', name, known)


def merge(base: Any, change: Any, key: str = '') -> Any:
    """Changes a config: dicts are merged, everything else is replaced.

    A dict with another ``type`` than that of the base replaces it, since its arguments are others.
    A dict with numbers for keys changes those entries of a list.

    >>> from dbl.config import merge
    >>> merge({'loss': {'type': 'A', 'mu': 1}}, {'loss': {'mu': 2}})
    {'loss': {'type': 'A', 'mu': 2}}
    >>> merge({'loss': {'type': 'A', 'mu': 1}}, {'loss': {'type': 'B'}})
    {'loss': {'type': 'B'}}
    """
    if not isinstance(change, Mapping):
        return change
    if '_delete_' in change:
        raise InputError(f'{key}: {DELETE}')
    if isinstance(base, (list, tuple)) and change and all(name.isdecimal() for name in change):
        return _merged_list(base, change, key)
    if not isinstance(base, Mapping) or _is_another_type(base, change):
        base = {}
    places = {name: f'{key}.{name}' if key else name for name in change}
    return {**base, **{n: merge(base.get(n), value, places[n]) for n, value in change.items()}}


def _is_another_type(base: Mapping, change: Mapping) -> bool:
    return 'type' in base and 'type' in change and base['type'] != change['type']


def _merged_list(base: list | tuple, change: Mapping[str, Any], key: str) -> list:
    entries = list(base)
    for name, value in change.items():
        if int(name) >= len(entries):
            raise InputError(f'{key}.{name}: the list has {len(entries)} entries, from 0 on')
        entries[int(name)] = merge(entries[int(name)], value, f'{key}.{name}')
    return entries


def _read(path: Path) -> dict[str, Any]:
    """The values of a config file, on top of its bases'."""
    if path.suffix != '.py':
        raise InputError(f"config '{path}' must be a Python file, as configs/demo/db_focal.py")
    if not path.is_file():
        rows = sorted(p.stem for p in path.parent.glob('*.py'))
        there = f'there are {", ".join(rows)}' if rows else 'see configs/ for data sets and rows'
        raise InputError(f"config '{path}' does not exist; {there}")
    try:
        found = runpy.run_path(str(path))
    except Exception as error:  # it is Python, and may raise anything
        raise InputError(f"config '{path}' cannot be read: {error!r}") from error
    bases = found.get('_base_', [])
    bases = [bases] if isinstance(bases, str) else bases
    own = {name: value for name, value in found.items() if _is_value(name, value)}
    return reduce(merge, [*(_read(path.parent / base) for base in bases), own], {})


def _is_value(name: str, value: Any) -> bool:
    """Whether a name of a config file is a key, not something that the file uses or defines."""
    return not name.startswith('_') and isinstance(value, (*KINDS, list, tuple))


def _nested(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options by dotted key as nested dicts; as one change, so that their order is no matter."""
    nested: dict[str, Any] = {}
    for key, value in sorted(options.items(), key=lambda pair: pair[0].count('.')):
        *parents, name = key.split('.')
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise InputError(f"option '{key}' is inside another option's value")
        place[name] = value
    return nested


def parse_options(pairs: Iterable[str]) -> dict[str, Any]:
    """Reads ``KEY=VALUE`` texts; a value is Python's, or else text.

    Raises:
        InputError: A text has no ``=``, or a key comes twice with different values.

    >>> from dbl.config import parse_options
    >>> parse_options(['optimizer.lr=1e-3', 'schedule.milestones=[5,7]', 'data_root=my photos'])
    {'optimizer.lr': 0.001, 'schedule.milestones': [5, 7], 'data_root': 'my photos'}
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition('=')
        if not equals or not key:
            raise InputError(f"options are KEY=VALUE, but got '{pair}'")
        options[key] = _parse_value(text)
    return options


def _parse_value(text: str) -> Any:
    if text.lower() in ('true', 'false'):
        return text.lower() == 'true'
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text


def plain_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config as JSON has them."""
    values = config.to_dict() if isinstance(config, Config) else config
    return json.loads(json.dumps(values, default=str))


def flat_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config by dotted key, as JSON has them; entries of a list by their number."""
    return dict(_flat(plain_values(config)))


def _flat(values: Any, prefix: str = '') -> Iterator[tuple[str, Any]]:
    if isinstance(values, list) and any(isinstance(value, dict) for value in values):
        values = {str(i): value for i, value in enumerate(values)}
    if not isinstance(values, dict):
        yield prefix, values
        return
    for key, value in values.items():
        yield from _flat(value, f'{prefix}.{key}' if prefix else key)


def changed_values(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Says which of two configs' flat values differ, as ``key old -> new``."""
    return [
        f'{key} {_short(before.get(key, UNSET))} -> {_short(now.get(key, UNSET))}'
        for key in sorted({**before, **now})
        if before.get(key, UNSET) != now.get(key, UNSET)
    ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f'{text[:100]}... ({len(text)} characters)'
