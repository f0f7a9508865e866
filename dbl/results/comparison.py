"""Compares two runs of one config, bit by bit."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

from dbl.errors import InputError
from dbl.results.runs import read_run
from dbl.training.checkpoint import read_checkpoint
from dbl.training.run_files import checkpoints

# What two runs may differ in: times and memory, and the folder that they lie in.
NOT_COMPARED = ('time', 'data_time', 'memory')


def differences(one: Path, other: Path) -> list[str]:
    """Lists what differs in the last checkpoints, metrics and scalars of two runs.

    In a checkpoint it compares the weights, averaged and selected ones too, the states of the
    optimiser and the loss scaler, what has been collected for the next line of scalars, the seed,
    the epoch and iteration, and the random numbers that would come next.

    Raises:
        InputError: A run is not finished, or damaged.
    """
    pairs = [list(_flat(_content(folder))) for folder in (one, other)]
    (first, second) = map(dict, pairs)
    return [
        key
        for key in {**first, **second}
        if key not in first or key not in second or not _equal(first[key], second[key])
    ]


def _content(folder: Path) -> dict[str, Any]:
    run, saved = read_run(folder), checkpoints(folder)
    if run is None or not saved:
        raise InputError(f"'{folder}' holds no finished run with its checkpoint")
    checkpoint = read_checkpoint(saved[-1])
    meta = {key: checkpoint['meta'][key] for key in ('epoch', 'iter', 'seed', 'rng_states')}
    rows = run.scalars()
    kept = [{key: row[key] for key in row if key not in NOT_COMPARED} for row in rows]
    names = 'state_dict', 'optimizer', 'scaler', 'averaged', 'selections'
    parts = {key: checkpoint[key] for key in names if key in checkpoint}
    log = {name: own for name, own in checkpoint['log'].items() if name not in NOT_COMPARED}
    return {**parts, 'log': log, 'meta': meta, 'scalars': kept, 'metrics': run.metrics}


def _flat(value: Any, key: str = '') -> Iterator[tuple[str, Any]]:
    items: Iterable[tuple[object, Any]]
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        yield key, value
        return
    for name, part in items:
        yield from _flat(part, f'{key}.{name}' if key else str(name))


def _equal(one: Any, other: Any) -> bool:
    if torch.is_tensor(one):
        same = torch.is_tensor(other) and (one.dtype, one.shape) == (other.dtype, other.shape)
        return same and torch.equal(*(x.reshape(-1).view(torch.uint8) for x in (one, other)))
    return one == other or (one != one and other != other)  # both NaN
