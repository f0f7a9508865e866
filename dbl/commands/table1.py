"""Train the rows of the paper's Table 1, and show finished runs beside the paper's numbers.

python -m dbl table1 run --dataset demo --seeds 0 1 2
python -m dbl table1 show --dataset demo
python -m dbl table1 claims work_dirs/table1/demo
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from rich.console import Console

from dbl.claims.answers import answered
from dbl.claims.claim import Measure
from dbl.claims.resampled import DRAWS
from dbl.claims.table import claim_lines, how_to_read
from dbl.commands.ending import exits_on_bad_input
from dbl.commands.sweep_options import add_sweep_arguments, executor_of
from dbl.commands.tuned_option import add_tuned
from dbl.config import CONFIGS, known_configs
from dbl.console import VisibleConsole
from dbl.errors import InputError, unknown
from dbl.results.f1_table import F1Row, as_f1_csv, as_f1_lines, f1_rows
from dbl.results.paper import in_order
from dbl.results.runs import Run, finished_runs, read_runs
from dbl.results.same_configuration import check_rows, overrides
from dbl.results.table import Row, as_csv, as_lines, as_markdown, as_terminal, table_rows
from dbl.results.tuned import check_tuned, own_values
from dbl.sweeps import TrainingJob, raise_failed, train_all

WORK_DIR = Path('work_dirs/table1')


class ShownTable(NamedTuple):
    """A table of finished runs in each of its forms, and what its numbers are."""

    rows: Sequence[Row | F1Row]
    lines: list[list[str]]
    csv: str
    what: str


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', help='train what is not finished yet, and show the table')
    show = commands.add_parser('show', help='show the table of the finished runs')
    for command in (run, show):
        command.add_argument('--dataset', required=True, help='a folder of configs, such as demo')
        command.add_argument(
            '--rows', nargs='+', metavar='ROW', help='such as db_focal; default: all'
        )
        command.add_argument('--work-dir', type=Path, default=WORK_DIR, help='default: %(default)s')
    add_sweep_arguments(run)
    show.add_argument(
        '--format', choices=['terminal', 'markdown', 'csv'], default='terminal', dest='form'
    )
    for command in (run, show):
        add_measure(command)
    claims = commands.add_parser('claims', help="test the papers' claims on finished runs")
    claims.add_argument('folders', nargs='+', type=Path, help='such as work_dirs/table1/demo')
    claims.add_argument(
        '--draws', type=int, default=DRAWS, help='test sets to draw; default: %(default)s'
    )
    claims.add_argument(
        '--format', choices=['terminal', 'markdown'], default='terminal', dest='form'
    )
    add_measure(claims)
    for command in (show, claims):
        add_tuned(command)
    run.set_defaults(function=train, form='terminal', tuned=[])
    show.set_defaults(function=show_table)
    claims.set_defaults(function=show_claims)
    return parser.parse_args()


def add_measure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--measure', choices=get_args(Measure), default='map',
        help='mean average precision, or micro and macro F1 with a threshold from validation',
    )  # fmt: skip


def rows_of(args: argparse.Namespace) -> list[str]:
    """The rows wanted, in the order of Table 1, with a folder's own rows last."""
    args.dataset = args.dataset.rstrip('/')
    sets = {name.rpartition('/')[0] for name in known_configs()}
    if args.dataset not in sets:
        raise unknown('--dataset', args.dataset, sets)
    there = {path.stem for path in (CONFIGS / args.dataset).glob('*.py')}
    for row in args.rows or ():
        if row not in there:
            raise unknown('--rows', row, there)
    return in_order(args.rows or there)


def train(args: argparse.Namespace, console: Console) -> None:
    rows = rows_of(args)
    folder = args.work_dir / args.dataset
    jobs = [
        TrainingJob(
            config=CONFIGS / args.dataset / f'{row}.py',
            seed=seed,
            work_dir=folder / row / f'seed_{seed}',
            options=args.cfg_options,
            name=f'{args.dataset} {row} seed {seed}',
        )
        for seed in dict.fromkeys(args.seeds)
        for row in rows
    ]
    failed = train_all(jobs, executor_of(args, folder), console)
    if any(job.finished for job in jobs):
        show_table(args, console)
    raise_failed(failed)


def show_table(args: argparse.Namespace, console: Console) -> None:
    names, folder = rows_of(args), args.work_dir / args.dataset
    runs = [run for run in read_runs([folder] if folder.is_dir() else []) if run.row in names]
    if not runs:
        elsewhere = '' if args.work_dir == WORK_DIR else f' --work-dir {args.work_dir}'
        chosen = f' --rows {" ".join(args.rows)}' if args.rows else ''
        raise InputError(
            f"'{folder}' holds no finished run; `python -m dbl table1 run --dataset "
            f'{args.dataset}{chosen}{elsewhere}` trains them'
        )
    check_tuned(runs, args.tuned)
    check_rows(runs, CONFIGS / args.dataset, args.tuned)
    table = f1_table if args.measure == 'f1' else map_table
    rows, lines, csv, what = table(runs, names, args.dataset)
    if args.form == 'csv':
        print(csv, end='')
        return
    if args.form == 'markdown':
        print(as_markdown(lines))
    else:
        console.print(as_terminal(lines, f'{folder}: {what} in percent'))
    print(*missing(rows), *other_values(runs, CONFIGS / args.dataset), sep='\n')


def map_table(runs: Sequence[Run], names: Sequence[str], data_set: str) -> ShownTable:
    rows = table_rows(runs, names, data_set)
    return ShownTable(rows, as_lines(rows), as_csv(rows), 'mAP, last epoch,')


def f1_table(runs: Sequence[Run], names: Sequence[str], data_set: str) -> ShownTable:
    rows = f1_rows(runs, names, data_set)
    return ShownTable(rows, as_f1_lines(rows), as_f1_csv(rows), 'micro / macro F1')


def show_claims(args: argparse.Namespace, console: Console) -> None:
    if args.draws < 100:
        raise InputError(f'--draws must be at least 100 to give an interval, but got {args.draws}')
    runs = finished_runs(args.folders)
    check_tuned(runs, args.tuned)
    found = answered(runs, args.draws, args.measure)
    lines = claim_lines(found)
    if args.form == 'markdown':
        print(as_markdown(lines))
    else:
        console.print(as_terminal(lines, "the papers' claims"))
    print(how_to_read(found, args.draws, args.measure), *own_values(runs, args.tuned), sep='\n')


def missing(rows: Sequence[Row | F1Row]) -> list[str]:
    """Says which runs some rows lack that others have."""
    seeds = {seed for row in rows for seed in row.seeds}
    lacking = [
        f'{row.name} ({", ".join(map(str, sorted(seeds - set(row.seeds))))})'
        for row in rows
        if seeds - set(row.seeds)
    ]
    return [f'missing, by seed: {", ".join(lacking)}'] if lacking else []


def other_values(runs: list[Run], configs: Path) -> list[str]:
    """Says which values of the rows differ from those of their configs."""
    rows_with: dict[str, list[str]] = {}
    for row, run in {run.row: run for run in runs}.items():
        given = overrides(run, configs / f'{row}.py')
        text = ', '.join(f'{key}={value}' for key, value in sorted(given.items()))
        rows_with.setdefault(text, []).append(row)
    name = configs.relative_to(CONFIGS).as_posix()
    return [
        f'other values than in configs/{name}, {", ".join(rows)}: {text}'
        for text, rows in rows_with.items()
        if text
    ]


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    # A pipe has no width, and what is cut off could not be read there.
    args.function(args, VisibleConsole())
