"""What makes runs comparable: one version, one class set, one configuration."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config

from dbl.engine.config_values import changed_values, flat_values
from dbl.errors import InputError
from dbl.results.runs import SEED_FOLDER, Run

# What changes how fast a run is, or how it is watched, but not its numbers; and where data lies.
IMMATERIAL = {'data_root', 'num_workers', 'persistent_workers', 'memory_budget', 'pin_memory'}
WATCHING = (
    'default_hooks.logger',
    'default_hooks.checkpoint',
    'default_hooks.mid_epoch_checkpoint',
    'log_level',
    'log_processor',
    'randomness.seed',
)
# What all rows of a table have in common; the rest is what the rows are.
SHARED = (
    'train_dataloader.batch_size',
    'train_dataloader.dataset',
    'test_dataloader',
    'test_evaluator',
    'model.backbone',
    'optim_wrapper',
    'auto_scale_lr',
    'custom_hooks',
    'default_hooks',
    'load_from',
)
# What load_config adds to a config, from the data and the machine.
COMPLETED = ('val_', 'test_cfg', 'model.data_preprocessor', 'model.head.train_set')
STATISTICS = {'class_freq', 'num_images', 'num_classes'}


def material_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a config that its numbers depend on, by dotted key; without the seed."""
    values = flat_values(with_whole_pipelines(config))
    if config.get('load_from') and not config.get('resume'):
        values['load_from'] = str(config['load_from'])
    return {
        key: value
        for key, value in values.items()
        if key.split('.')[-1] not in IMMATERIAL and not key.startswith(WATCHING)
    }


def with_whole_pipelines(config: Mapping[str, Any]) -> dict[str, Any]:
    """Undoes what load_config does for a GPU: the device's part goes back behind its mark."""
    whole = {**config}
    for name in ('train_dataloader', 'test_dataloader', 'val_dataloader'):
        dataset = {**config.get(name, {}).get('dataset', {})}
        if 'device_pipeline' in dataset:
            rest = dataset.pop('device_pipeline')
            dataset['pipeline'] = [*dataset['pipeline'], {'type': 'ToDevice'}, *rest]
            whole[name] = {**config[name], 'dataset': dataset}
    model = {k: v for k, v in config.get('model', {}).items() if k != 'data_preprocessor'}
    return {**whole, 'model': model}


def check_comparable(runs: Sequence[Run], varied: str | None = None) -> None:
    """Raises InputError, which names the runs that do not belong in a table with the others.

    They are those of another version, class set, or configuration than most; and those of a seed
    that their row has already.

    Args:
        runs: At least one.
        varied: Key of the config that may differ from row to row, and what follows from it.
    """
    odd = {**_odd(runs, lambda run: _common(run, varied)), **_repeated(runs)}
    for row in {run.row for run in runs}:
        same_row = [run for run in runs if run.row == row]
        odd |= _odd(same_row, lambda run: material_values(run.config))
    _refuse(odd)


def check_rows(runs: Sequence[Run], configs: Path) -> None:
    """Raises InputError, which names the runs that are not of their row's config.

    Values that were overridden have to be the same in all rows of a schedule: those without
    re-sampling, and those with it.

    Args:
        runs: At least one.
        configs: Folder with a config for each row.
    """
    by_schedule: dict[str, list[Run]] = {}
    for run in runs:
        sampler = Config.fromfile(configs / f'{run.row}.py').train_dataloader.sampler.type
        by_schedule.setdefault(sampler, []).append(run)
    odd = {}
    for same in by_schedule.values():
        odd |= _odd(same, lambda run: overrides(run, configs / f'{run.row}.py'))
    _refuse(odd)


def overrides(run: Run, config: Path) -> dict[str, Any]:
    """The values that a run has otherwise than its config, or besides."""
    given = _values_of_file(config)
    own = material_values(run.config)
    return {
        key: own.get(key, 'unset')
        for key in {**given, **own}
        if own.get(key, 'unset') != given.get(key, 'unset')
        and not key.startswith(COMPLETED)
        and key.split('.')[-1] not in STATISTICS
        and key != 'train_dataloader.sampler.batch_size'
    }


@cache
def _values_of_file(config: Path) -> dict[str, Any]:
    """Read once for all seeds of a row."""
    return material_values(Config.fromfile(config).to_dict())


def _refuse(odd: Mapping[str, str]) -> None:
    if odd:
        named = '; '.join(f"'{folder}' ({what})" for folder, what in sorted(odd.items()))
        raise InputError(
            f'these runs do not belong in one table with the others: {named}; move them out of the '
            'folder, or delete them and run them again'
        )


def _common(run: Run, varied: str | None) -> dict[str, Any]:
    values = {k: v for k, v in material_values(run.config).items() if k.startswith(SHARED)}
    if varied is not None:
        values = {
            key: value
            for key, value in values.items()
            if not f'{varied}.'.startswith(f'{key}.') and key.split('.')[-1] not in STATISTICS
        }
    return {**values, 'dbl': run.versions, 'classes': run.classes}


def _odd(runs: Sequence[Run], values_of: Callable[[Run], dict[str, Any]]) -> dict[str, str]:
    """What differs in each run from what most have."""
    values = [values_of(run) for run in runs]
    keys = [repr(sorted(own.items())) for own in values]
    (usual, _), *_ = Counter(keys).most_common(1)
    most = values[keys.index(usual)]
    changes = {
        str(run.folder): changed_values(most, v) for run, v in zip(runs, values, strict=True)
    }
    return {folder: ', '.join(found)[:500] for folder, found in changes.items() if found}


def _repeated(runs: Sequence[Run]) -> dict[str, str]:
    """Runs whose seed is not their folder's, or their row has already."""
    first: dict[tuple[str, int], Run] = {}
    odd = {}
    for run in runs:
        named = SEED_FOLDER.fullmatch(run.folder.name)
        other = first.setdefault((run.row, run.seed), run)
        if other is not run:
            odd[str(run.folder)] = f"of seed {run.seed}, as is '{other.folder}'"
        elif named and int(named[1]) != run.seed:
            odd[str(run.folder)] = f'of seed {run.seed}'
    return odd
