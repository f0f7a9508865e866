import json
from collections.abc import Iterator
from typing import Any

# Values of a config that say where a run lies and how it was started, not what it is.
PLACES = ('sync_bn', 'work_dir', 'visualizer', 'launcher', 'load_from', 'resume')
UNSET = 'unset'


def flat_values(config: dict) -> dict[str, Any]:
    """Values of a config by dotted key, as JSON has them; those of PLACES are left out."""
    plain = json.loads(json.dumps(config, default=str))
    return {key: v for key, v in _flat(plain) if key.split('.')[0] not in PLACES}


def changed_values(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Says which of two configs' flat values differ, as ``key old -> new``."""
    return [
        f'{key} {_short(before.get(key, UNSET))} -> {_short(now.get(key, UNSET))}'
        for key in sorted({**before, **now})
        if before.get(key, UNSET) != now.get(key, UNSET)
    ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f'{text[:100]}... ({len(text)} characters)'


def _flat(values: Any, prefix: str = '') -> Iterator[tuple[str, Any]]:
    if not isinstance(values, dict):
        yield prefix, values
        return
    for key, value in values.items():
        yield from _flat(value, f'{prefix}.{key}' if prefix else key)
