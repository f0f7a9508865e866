"""The values of a config as JSON has them, and in what two configs differ."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

UNSET = 'unset'


def plain_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config as JSON has them. What JSON does not have becomes text.

    >>> from dbl.config_values import plain_values
    >>> plain_values({'betas': (0.9, 0.99), 'power': 1j})
    {'betas': [0.9, 0.99], 'power': '1j'}
    """
    values = config.to_dict() if isinstance(config, Config) else config
    return json.loads(json.dumps(values, default=str))


def flat_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config by dotted key, as JSON has them.

    Dicts in a list are keyed by their position. An empty dict has no values.

    >>> from dbl.config_values import flat_values
    >>> flat_values({'schedule': {'milestones': [5, 7]}, 'pipeline': [{'size': 32}]})
    {'schedule.milestones': [5, 7], 'pipeline.0.size': 32}
    """
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
    """Lists the flat values in which two configs differ, as ``key old -> new``.

    >>> from dbl.config_values import changed_values
    >>> changed_values({'epochs': 8, 'seed': 0}, {'epochs': 9, 'seed': 0})
    ['epochs 8 -> 9']
    """
    return [
        f'{key} {_short(before.get(key, UNSET))} -> {_short(now.get(key, UNSET))}'
        for key in sorted({**before, **now})
        if before.get(key, UNSET) != now.get(key, UNSET)
    ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f'{text[:100]}... ({len(text)} characters)'
