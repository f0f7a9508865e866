"""Draw the paper's figures, from a config's labels or from finished runs, as PNG and PDF.

python -m dbl plot sampling voc_mlt/db
python -m dbl plot gradients voc_mlt/db
python -m dbl plot increments work_dirs/table1/demo
python -m dbl plot scores work_dirs/table1/demo
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from dbl.analysis.figures_of_labels import gradients, sampling
from dbl.analysis.figures_of_runs import ROWS, increments, scores
from dbl.commands.config_options import add_options
from dbl.commands.ending import exits_on_bad_input
from dbl.commands.tuned_option import add_tuned
from dbl.config import load_config, parse_options
from dbl.errors import InputError
from dbl.results.runs import Run, read_runs
from dbl.results.tuned import check_tuned, own_values


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest='command', required=True)
    for draw, needs, shows in (
        (sampling, 'config', 'classes before and after re-sampling: Figures 2 and 5'),
        (gradients, 'config', 'gradients of the losses with respect to a negative logit: Figure 3'),
        (increments, 'runs', 'average precision gained from ERM to DB: Figure 6, section 4.4'),
        (scores, 'runs', 'densities of the test scores: Figure 1'),
    ):
        command = commands.add_parser(draw.__name__, help=shows, description=shows)
        add_source(command, needs)
        command.add_argument(
            '-o', '--out', type=Path, help='folder; default: work_dirs/figures/<data set>'
        )
        command.set_defaults(draw=draw)
    return parser.parse_args()


def add_source(command: argparse.ArgumentParser, needs: str) -> None:
    if needs == 'runs':
        rows = ', '.join(ROWS)
        text = f'folder with finished runs of {rows}, such as work_dirs/table1/demo'
        command.add_argument('source', type=Path, metavar='RUNS_FOLDER', help=text)
        add_tuned(command)
        return
    command.add_argument('source', type=Path, metavar='CONFIG', help='such as demo/db')
    add_options(command)


def runs_in(folder: Path, tuned: Sequence[str]) -> list[Run]:
    """Reads the finished runs of the figures' rows."""
    runs = [run for run in read_runs([folder]) if run.row in ROWS]
    missing = [row for row in ROWS if row not in {run.row for run in runs}]
    if missing:
        usual = folder.parent == Path('work_dirs/table1')
        where = '' if usual else f' --work-dir {folder.parent}'
        raise InputError(
            f"'{folder}' holds no finished run of {', '.join(missing)}; `python -m dbl table1 "
            f'run --dataset {folder.resolve().name} --rows {" ".join(missing)}{where}` trains them'
        )
    check_tuned(runs, tuned)
    for line in own_values(runs, tuned):
        print(line)
    return runs


def figures(args: argparse.Namespace) -> dict[str, Figure]:
    if args.draw in (increments, scores):
        return args.draw(runs_in(args.source, args.tuned))
    return args.draw(load_config(args.source, parse_options(args.cfg_options)))


def save(folder: Path, figures: dict[str, Figure]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(folder / f'{name}.png', dpi=150, bbox_inches='tight')
        # Without the date of creation, the same data gives the same file.
        pdf = folder / f'{name}.pdf'
        figure.savefig(pdf, bbox_inches='tight', metadata={'CreationDate': None})
        print(*(folder / f'{name}.{suffix}' for suffix in ('png', 'pdf')), sep='\n')


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    source = Path(os.path.realpath(args.source))  # works even where links form a circle
    data = source.name if source.is_dir() else source.parent.name
    save(args.out or Path('work_dirs/figures') / data, figures(args))
