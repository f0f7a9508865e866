"""Train a config with one of its values varied, over seeds: a table and the curve of Figure 7.

python tools/ablate.py configs/voc_mlt/db_focal.py --vary model.head.loss.beta 1 5 10 20
"""

import argparse
from pathlib import Path
from urllib.parse import quote

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console

from dbl.analysis.sweep_curve import compute_sweep_curve, plot_sweep_curve
from dbl.errors import exits_on_bad_input
from dbl.results.runs import read_runs
from dbl.results.same_configuration import check_comparable
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
from dbl.sweeps import TrainingJob, add_sweep_arguments, executor_of, raise_failed, train_all


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', type=Path, help='as configs/demo/db_focal.py')
    parser.add_argument(
        '--vary', nargs='+', required=True, metavar=('KEY', 'VALUE'), help='as model.head.loss.beta'
    )
    parser.add_argument(
        '--work-dir', type=Path, default=Path('work_dirs/ablate'), help='default: %(default)s'
    )
    add_sweep_arguments(parser)
    args = parser.parse_args()
    args.key, *args.values = args.vary
    if len(set(args.values)) < 2:
        parser.error(f'--vary takes KEY and at least two values, but got {" ".join(args.vary)}')
    return args


@exits_on_bad_input
def main() -> None:
    args, console = parse_args(), Console()
    config = args.config.absolute()
    folder = args.work_dir / config.parent.name / config.stem / args.key
    folders = {value: folder / quote(value, safe='') for value in args.values}
    jobs = [
        TrainingJob(
            config=args.config,
            seed=seed,
            work_dir=folders[value] / f'seed_{seed}',
            options=[*args.cfg_options, f'{args.key}={value}'],
            name=f'{args.key}={value} seed {seed}',
        )
        for seed in args.seeds
        for value in folders
    ]
    failed = train_all(jobs, executor_of(args, folder), console)
    if runs := read_runs(list(folders.values())):
        check_comparable(runs, varied=args.key)
        rows = table_rows(runs, [path.name for path in folders.values()], data_set='')
        write_results(folder, args.key, dict(zip(folders, rows, strict=True)), console)
    raise_failed(failed)


def write_results(folder: Path, key: str, rows: dict[str, Row], console: Console) -> None:
    """Shows the table and writes it, and the curve, beside the runs."""
    lines = [[key, *RESULTS], *([v, *result_cells(row)] for v, row in rows.items())]
    console.print(as_terminal(lines, f'{folder}: mAP in percent, last epoch'))
    (folder / 'table.md').write_text(as_markdown(lines), encoding='utf-8')
    (folder / 'table.csv').write_text(as_csv(list(rows.values())), encoding='utf-8')
    curve = compute_sweep_curve(list(map(number_or_text, rows)), by_group(list(rows.values())))
    figure = Figure(figsize=(5, 4), layout='constrained')
    plot_sweep_curve(figure.subplots(), curve, key)
    for kind in ('png', 'pdf'):
        figure.savefig(folder / f'curve.{kind}', dpi=150)
    console.print(f'written to {folder}: table.md, table.csv, curve.png, curve.pdf')


def by_group(rows: list[Row]) -> dict[str, np.ndarray]:
    """mAPs between 0 and 1, (V, S) by group, NaN where a value has fewer seeds than another."""
    values = np.full((len(rows), max(len(row.seeds) for row in rows), len(GROUPS)), np.nan)
    for v, row in enumerate(rows):
        values[v, : len(row.seeds)] = row.values / 100
    return {group: values[..., g] for g, group in enumerate(GROUPS)}


def number_or_text(value: str) -> float | str:
    try:
        return int(value) if value.lstrip('-').isdigit() else float(value)
    except ValueError:
        return value


if __name__ == '__main__':
    main()
