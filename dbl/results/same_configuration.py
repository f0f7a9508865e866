"""What makes runs comparable: one version, one class set, one config as it was given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config

from dbl.config import load_config
from dbl.config_values import UNSET, changed_values, flat_values
from dbl.errors import InputError, listed
from dbl.results.runs import SEED_FOLDER, Run

# What affects how fast a run is, where its data lies or what it logs, but not its numbers.
IMMATERIAL = set('data_root num_workers memory_budget cuda_graph log_every checkpoint seed'.split())
# What the rows of a table may differ in.
ROWS = ('model.neck', 'model.head', 'train_dataloader.sampler', 'epochs', 'schedule')
# What follows from the training set.
STATISTICS = ('class_freq', 'num_images')
TUNED = (
    '; if a value was chosen for each row by itself, table1 show and claims, report, and plot take '
    'its key, as `--tuned optimizer.lr`'
)


def material_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config that a run's numbers depend on, by dotted key, without the seed.

    >>> material_values({'seed': 3, 'optimizer': {'lr': 0.1}, 'log_every': 5})
    {'optimizer.lr': 0.1}
    """
    values = flat_values(given)
    return {key: values[key] for key in values if IMMATERIAL.isdisjoint(key.split('.'))}


def check_comparable(runs: Sequence[Run], varied: Sequence[str] = ()) -> None:
    """Raises an InputError that names the runs that do not belong in a table with the others.

    These are the runs whose version, class set, or configuration differs from that of most runs,
    and the runs whose seed their row already has.

    Args:
        runs: At least one.
        varied: Keys of the config, or statistics, that may differ from row to row.
    """
    odd = _repeated(runs)
    for row in {run.row for run in runs}:
        odd |= _odd([run for run in runs if run.row == row], _of_the_row)
    _refuse(odd)
    _refuse(_odd(runs, lambda run: _of_the_table(run, varied)), TUNED)


def check_rows(runs: Sequence[Run], configs: Path, tuned: Sequence[str] = ()) -> None:
    """Raises an InputError that names the runs that do not follow their row's config.

    Overridden values have to be the same in all rows with re-sampling, and in all rows without it.

    Args:
        runs: At least one.
        configs: Folder with a config for each row.
        tuned: Keys of the config that may differ from row to row.
    """
    by_sampler: dict[str, list[Run]] = {}
    for run in runs:
        sampler = _config(configs / f'{run.row}.py').train_dataloader.sampler.type
        by_sampler.setdefault(sampler, []).append(run)
    odd: dict[str, str] = {}
    for same in by_sampler.values():
        odd |= _odd(same, lambda run: _without(overrides(run, configs / f'{run.row}.py'), tuned))
    _refuse(odd, TUNED)


def overrides(run: Run, config: Path) -> dict[str, Any]:
    """The values in which a run differs from its config, or which it has in addition."""
    own, listed = material_values(run.given), material_values(_config(config))
    return {
        key: own.get(key, UNSET)
        for key in {**listed, **own}
        if own.get(key, UNSET) != listed.get(key, UNSET)
    }


@cache
def _config(path: Path) -> Config:
    """Reads a config, once for all seeds of a row."""
    return load_config(path)


def _refuse(odd: Mapping[str, str], hint: str = '') -> None:
    if odd:
        named = '; '.join(f"'{folder}' ({what})" for folder, what in sorted(odd.items()))
        raise InputError(
            f'these runs do not belong in one table with the others: {named}; move them out of the '
            f'folder, or delete them and run them again{hint}'
        )


def _of_the_row(run: Run) -> dict[str, Any]:
    """What the runs of a row have in common: all but seed, place and speed."""
    statistics = {'class_freq': run.class_freq, 'num_images': run.num_images}
    found = {'classes': run.classes, 'dbl': run.versions, **statistics}
    return {**material_values(run.given), **found}


def _of_the_table(run: Run, varied: Sequence[str]) -> dict[str, Any]:
    """What the rows of a table have in common."""
    own = _without(_of_the_row(run), (*ROWS, *varied))
    # Where one row has a part, another may have None in its place.
    return {key: own[key] for key in own if not any(within(part, key) for part in varied)}


def _without(values: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    return {key: values[key] for key in values if not any(within(key, part) for part in parts)}


def part_of(key: str) -> str:
    """The key of what varies with a value: with a type, all arguments.

    >>> part_of('optimizer.type'), part_of('optimizer.lr')
    ('optimizer', 'optimizer.lr')
    """
    return key.removesuffix('.type')


def within(key: str, part: str) -> bool:
    """Tells whether a key of a config is that of a part, or of something in it.

    >>> within('optimizer.lr', 'optimizer'), within('optimizer', 'optimizer.lr')
    (True, False)
    """
    return f'{key}.'.startswith(f'{part}.')


def _odd(runs: Sequence[Run], values_of: Callable[[Run], dict[str, Any]]) -> dict[str, str]:
    """What differs in each run from what most runs have."""
    values = [values_of(run) for run in runs]
    keys = [repr(sorted(own.items())) for own in values]
    (usual, _), *_ = Counter(keys).most_common(1)
    most = values[keys.index(usual)]
    changes = {
        str(run.folder): changed_values(most, v) for run, v in zip(runs, values, strict=True)
    }
    return {folder: listed(found, 500) for folder, found in changes.items() if found}


def _repeated(runs: Sequence[Run]) -> dict[str, str]:
    """Runs whose seed is not that of their folder, or is one that their row already has."""
    first: dict[tuple[str, int], Run] = {}
    odd = {}
    for run in runs:
        named = SEED_FOLDER.fullmatch(run.folder.name)
        other = first.setdefault((run.row, run.seed), run)
        if other is not run:
            odd[str(run.folder)] = f"seed {run.seed}, like '{other.folder}'"
        elif named and int(named[1]) != run.seed:
            odd[str(run.folder)] = f'seed {run.seed}'
    return odd
