"""Train a config with one value varied, over several seeds: a table and the curve of Figure 7.

python -m dbl ablate voc_mlt/db_focal --vary model.head.loss.beta 1 5 10 20
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from dbl.analysis.sweep_curve import compute_sweep_curve, plot_sweep_curve
from dbl.commands.ending import exits_on_bad_input
from dbl.commands.sweep_options import add_sweep_arguments, executor_of
from dbl.config import parse_options
from dbl.console import VisibleConsole
from dbl.errors import InputError
from dbl.results.choice import candidates, chosen
from dbl.results.runs import read_runs
from dbl.results.same_configuration import STATISTICS, check_comparable, part_of
from dbl.results.table import (
    GROUPS,
    RESULTS,
    Row,
    as_csv,
    as_markdown,
    as_terminal,
    result_cells,
    table_rows,
)
from dbl.settings import ADD_VALIDATION, validates
from dbl.sweeps import TrainingJob, raise_failed, train_all
from dbl.sweeps.training_job import config_of

# These keys decide on which images, and by which rule, a value is chosen.
SPLIT_OR_SELECT = ('val_fraction', 'val_seed', 'val_source', 'select', 'select_by')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', type=Path, help='such as demo/db_focal')
    parser.add_argument(
        '--vary',
        nargs='+',
        required=True,
        metavar=('KEY', 'VALUE'),
        help='such as model.head.loss.beta',
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/ablate'), help='default: %(default)s'
    )
    parser.add_argument(
        '--on',
        choices=['test', 'val'],
        default='test',
        help='val: choose a value on the images for validation, and test only that value',
    )
    add_sweep_arguments(parser)
    args = parser.parse_args()
    key, *texts = args.vary
    if len(texts) < 2:
        parser.error(f'--vary takes KEY and at least two values, but got {" ".join(args.vary)}')
    if key == 'seed':
        parser.error('--vary seed: use --seeds for that')
    if args.on == 'val' and key.split('.')[0] in SPLIT_OR_SELECT:
        parser.error(
            f'--vary {key}: with --on val, all values need the same images and the same rule'
        )
    args.key, args.values = key, {t: parse_options([f'{key}={t}'])[key] for t in texts}
    if len(unique(args.values.values())) < len(texts):
        parser.error(f'--vary {key}: values must be different, but got {" ".join(texts)}')
    return args


def unique(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:  # lists cannot be in a set
        if value not in found:
            found.append(value)
    return found


def folder_name(value: str) -> str:
    """Makes a folder name from any value, even from a path or from dots."""
    name = quote(value, safe='')
    return name.replace('.', '%2E') if not name.strip('.') else name


@exits_on_bad_input
def main() -> None:
    args, console = parse_args(), VisibleConsole()
    config = args.config.absolute()
    folder = args.work_dir / config.parent.name / config.stem / args.key
    folders = {text: folder / folder_name(text) for text in args.values}
    jobs = [
        TrainingJob(
            config=args.config,
            seed=seed,
            work_dir=folders[value] / f'seed_{seed}',
            options=[*args.cfg_options, f'{args.key}={value}'],
            name=f'{args.key}={value} seed {seed}',
        )
        for seed in dict.fromkeys(args.seeds)
        for value in folders
    ]
    if args.on == 'val':
        check_validate(jobs)
    failed = train_all(jobs, executor_of(args, folder), console, args.on)
    runs = read_runs([path for path in folders.values() if path.is_dir()])
    if runs:
        check_comparable(runs, varied=[part_of(args.key), *STATISTICS])
        names = {path.name: text for text, path in folders.items()}
        rows = [
            replace(row, name=names[row.name])
            for row in table_rows(runs, list(names), data_set='', on=args.on)
        ]
        write_results(folder, args, rows, console)
        if args.on == 'val':
            best = chosen(rows)
            tested = table_rows(runs, list(names), data_set='')
            console.print(tested_alone(best, tested, names, args.key))
    raise_failed(failed)


def check_validate(jobs: list[TrainingJob]) -> None:
    """Raises an InputError if values are to be chosen, but a job has no images for validation."""
    if not all(validates(config_of(job)) for job in jobs):
        raise InputError(f'--on val needs images for validation; {ADD_VALIDATION}')


def tested_alone(
    best: Row | None, tested: list[Row], names: dict[str, str], key: str
) -> Table | str:
    """What the test set says about the chosen value, and about no other."""
    if best is None:
        return 'nothing is chosen until all values have the same seeds'
    variant = best.variant.removesuffix('val/')
    (row,) = [r for r in tested if names[r.name] == best.name and r.variant == variant]
    lines = [[key, *RESULTS], [best.label, *result_cells(row)]]
    return as_terminal(lines, 'chosen on validation; its mAP on the test set, in percent')


def write_results(
    folder: Path, args: argparse.Namespace, rows: list[Row], console: Console
) -> None:
    """Shows the table, and writes the table and the curve beside the runs."""
    lines = [[args.key, *RESULTS], *([row.label, *result_cells(row)] for row in rows)]
    of = 'on validation' if args.on == 'val' else 'last epoch'
    console.print(as_terminal(lines, f'{folder}: mAP in percent, {of}'))
    (folder / 'table.md').write_text(as_markdown(lines), encoding='utf-8')
    (folder / 'table.csv').write_text(as_csv(rows), encoding='utf-8')
    figure = Figure(figsize=(5, 4), layout='constrained')
    variant = candidates(rows)[0].variant
    drawn = {row.name: row for row in rows if row.variant == variant}
    curve = compute_sweep_curve(list(args.values.values()), by_group(args.values, drawn))
    plot_sweep_curve(figure.subplots(), curve, args.key)
    for kind in ('png', 'pdf'):
        figure.savefig(folder / f'curve.{kind}', dpi=150)
    print(f'written to {folder}: table.md, table.csv, curve.png, curve.pdf')


def by_group(names: Iterable[str], rows: Mapping[str, Row]) -> dict[str, np.ndarray]:
    """mAPs between 0 and 1, (V, S) by group, and NaN where a value has fewer seeds than others."""
    none = np.empty((0, len(GROUPS)))
    found = [rows[name].values if name in rows else none for name in names]
    values = np.full((len(found), max(map(len, found)), len(GROUPS)), np.nan)
    for v, own in enumerate(found):
        values[v, : len(own)] = own / 100
    return {group: values[..., g] for g, group in enumerate(GROUPS)}
