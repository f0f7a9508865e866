"""What makes runs comparable: one version, one class set, one configuration."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dbl.engine.config_values import changed_values, flat_values
from dbl.errors import InputError
from dbl.results.runs import SEED_FOLDER, Run

# What changes how fast a run is, or how it is watched, but not its numbers; and where data lies.
IMMATERIAL = {'data_root', 'num_workers', 'persistent_workers', 'memory_budget', 'pin_memory'}
WATCHING = ('default_hooks', 'randomness.seed')
# What all rows of a table have in common; the rest is what the rows are.
SHARED = (
    'train_dataloader.batch_size',
    'train_dataloader.dataset',
    'test_dataloader',
    'test_evaluator',
    'model.backbone',
    'optim_wrapper',
    'auto_scale_lr',
)


def material_values(config: dict) -> dict[str, Any]:
    """Values of a config that its numbers depend on, by dotted key; without the seed."""
    return {
        key: value
        for key, value in flat_values(config).items()
        if key.split('.')[-1] not in IMMATERIAL and not key.startswith(WATCHING)
    }


def check_comparable(runs: Sequence[Run], varied: str | None = None) -> None:
    """Raises InputError, which names the runs that do not belong in a table with the others.

    They are those of another version, class set, or configuration than most; and those of a seed
    that their row has already.

    Args:
        runs: At least one.
        varied: Key of the config that may differ from row to row, whatever it is.
    """
    odd = {**_odd(runs, lambda run: _common(run, varied)), **_repeated(runs)}
    for row in {run.row for run in runs}:
        same_row = [run for run in runs if run.row == row]
        odd |= _odd(same_row, lambda run: material_values(run.config))
    if odd:
        named = '; '.join(f"'{folder}' ({what})" for folder, what in sorted(odd.items()))
        raise InputError(
            f'these runs do not belong in one table with the others: {named}; move them to a '
            'folder of their own, or delete them and run them again'
        )


def _common(run: Run, varied: str | None) -> dict[str, Any]:
    shared = {
        key: value
        for key, value in material_values(run.config).items()
        if key.startswith(SHARED) and not (varied and f'{varied}.'.startswith(f'{key}.'))
    }
    return {**shared, 'dbl': run.versions, 'classes': run.classes}


def _odd(runs: Sequence[Run], values_of) -> dict[str, str]:
    """What differs in each run from what most have."""
    values = [values_of(run) for run in runs]
    (usual, _), *_ = Counter(repr(sorted(v.items())) for v in values).most_common(1)
    most = next(v for v in values if repr(sorted(v.items())) == usual)
    changes = {
        str(run.folder): changed_values(most, v) for run, v in zip(runs, values, strict=True)
    }
    return {folder: ', '.join(found)[:300] for folder, found in changes.items() if found}


def _repeated(runs: Sequence[Run]) -> dict[str, str]:
    """Runs whose seed is not their folder's, or their row has already."""
    seen: set[tuple[str, int]] = set()
    odd = {}
    for run in runs:
        named = SEED_FOLDER.fullmatch(run.folder.name)
        if (run.row, run.seed) in seen or (named and int(named[1]) != run.seed):
            odd[str(run.folder)] = f'of seed {run.seed}'
        seen.add((run.row, run.seed))
    return odd
