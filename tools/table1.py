"""Train the rows of the paper's Table 1, and show what finished runs gave beside the paper.

python tools/table1.py run --dataset demo --seeds 0 1 2
python tools/table1.py show --dataset demo
"""

import argparse
from pathlib import Path

from rich.console import Console

from dbl.errors import InputError, exits_on_bad_input, unknown
from dbl.results.paper import NAMES
from dbl.results.runs import read_runs
from dbl.results.same_configuration import check_comparable
from dbl.results.table import Row, as_csv, as_lines, as_markdown, as_terminal, table_rows
from dbl.sweeps import TrainingJob, add_sweep_arguments, executor_of, raise_failed, train_all

CONFIGS = Path(__file__).parent.parent / 'configs'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest='command', required=True)
    run = commands.add_parser('run', help='train what is not finished yet, and show the table')
    show = commands.add_parser('show', help='show the table of the finished runs')
    for command in (run, show):
        command.add_argument('--dataset', required=True, help='a folder of configs/, as demo')
        command.add_argument('--rows', nargs='+', metavar='ROW', help='default: all, as db_focal')
        command.add_argument(
            '--work-dir', type=Path, default=Path('work_dirs/table1'), help='default: %(default)s'
        )
    add_sweep_arguments(run)
    show.add_argument(
        '--format', choices=['terminal', 'markdown', 'csv'], default='terminal', dest='form'
    )
    run.set_defaults(function=train, form='terminal')
    show.set_defaults(function=show_table)
    return parser.parse_args()


def rows_of(args: argparse.Namespace) -> list[str]:
    """The rows wanted, in the order of Table 1; a folder's own come last."""
    there = {path.stem for path in (CONFIGS / args.dataset).glob('*.py')}
    if not there or args.dataset.startswith('_'):
        sets = [path.name for path in CONFIGS.iterdir() if not path.name.startswith('_')]
        raise unknown('--dataset', args.dataset, sets)
    for row in args.rows or ():
        if row not in there:
            raise unknown('--rows', row, there)
    wanted = set(args.rows or there)
    return [name for name in NAMES if name in wanted] + sorted(wanted - NAMES.keys())


def train(args: argparse.Namespace, console: Console) -> None:
    folder = args.work_dir / args.dataset
    jobs = [
        TrainingJob(
            config=CONFIGS / args.dataset / f'{row}.py',
            seed=seed,
            work_dir=folder / row / f'seed_{seed}',
            options=args.cfg_options,
            name=f'{args.dataset} {row} seed {seed}',
        )
        for seed in args.seeds
        for row in rows_of(args)
    ]
    failed = train_all(jobs, executor_of(args, folder), console)
    if any(job.finished for job in jobs):
        show_table(args, console)
    raise_failed(failed)


def show_table(args: argparse.Namespace, console: Console) -> None:
    folder, names = args.work_dir / args.dataset, rows_of(args)
    runs = [run for run in read_runs([folder]) if run.row in names]
    if not runs:
        raise InputError(
            f"'{folder}' holds no finished run; `python tools/table1.py run --dataset "
            f'{args.dataset}` trains them'
        )
    check_comparable(runs)
    rows = table_rows(runs, names, args.dataset)
    if args.form == 'csv':
        print(as_csv(rows), end='')
    elif args.form == 'markdown':
        print(as_markdown(as_lines(rows)), end='')
        print(*missing(rows), sep='')
    else:
        title = f'{folder}: mAP in percent, last epoch'
        console.print(as_terminal(as_lines(rows), title))
        console.print(*missing(rows), sep='')


def missing(rows: list[Row]) -> list[str]:
    """A sentence on the runs that some rows have and others do not."""
    seeds = {seed for row in rows for seed in row.seeds}
    lacking = [
        f'{row.name} ({", ".join(map(str, sorted(seeds - set(row.seeds))))})'
        for row in rows
        if seeds - set(row.seeds)
    ]
    return [f'\nmissing, by seed: {", ".join(lacking)}'] if lacking else []


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    args.function(args, Console())


if __name__ == '__main__':
    main()
