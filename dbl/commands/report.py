"""Write one page on finished runs: tables, curves, figures, configurations, test pictures.

python -m dbl report work_dirs/table1/demo -o report.html
"""

import argparse
from pathlib import Path

from dbl.commands.ending import exits_on_bad_input
from dbl.commands.tuned_option import add_tuned
from dbl.report import write_report
from dbl.results.runs import finished_runs


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('work_dirs', nargs='+', type=Path, help='folders with runs, at any depth')
    parser.add_argument('-o', '--out', type=Path, default=Path('report.html'))
    parser.add_argument(
        '--pictures', metavar='ROW', help='row whose test pictures to show; default: db_focal'
    )
    parser.add_argument(
        '--explain', action='store_true',
        help='show where the network looks in the worst of these pictures (Grad-CAM)',
    )  # fmt: skip
    add_tuned(parser)
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    runs = finished_runs(args.work_dirs)
    write_report(runs, args.out, args.pictures, args.explain, args.tuned)
    print(f'runs: {len(runs)}; {args.out.stat().st_size / 1e6:.1f} MB, written to {args.out}')
