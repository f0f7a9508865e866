"""Learn on a run's images for validation which scores are enough, and write model.pth with it.

python -m dbl decide work_dirs/demo/db_focal
python -m dbl decide work_dirs/demo/db_focal --precision 0.9 --calibrate platt
"""

import argparse
import sys
from pathlib import Path
from typing import get_args

from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.errors import InputError
from dbl.inference.decided import Decided, check_free, decide, model_of
from dbl.inference.decisions import LEAST, Method
from dbl.inference.tested import as_table, class_lines, group_lines


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('run', type=Path, help='folder of a finished run with validation')
    parser.add_argument('--precision', type=float, help='a precision to reach; default: best F1')
    parser.add_argument(
        '--calibrate', choices=get_args(Method), default='none', help='default: none'
    )
    parser.add_argument(
        '--least', type=int, default=LEAST,
        help=f'positives that a class needs for a threshold of its own; default: {LEAST}',
    )  # fmt: skip
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument('--last', action='store_true', help='the last epoch, not the selected one')
    parser.add_argument('--out', type=Path, help='default: model.pth in the folder')
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.precision is not None and not 0 < args.precision <= 1:
        raise InputError(f'--precision must lie in (0, 1], but got {args.precision}')
    if args.least < 1:
        raise InputError(f'--least must be at least 1, but got {args.least}')
    out = args.out or args.run / 'model.pth'
    check_free(out)
    decided = decide(args.run, args.precision, args.calibrate, args.least, args.ema, args.last)
    from dbl.training.checkpoint import save_checkpoint  # which imports torch

    out.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(out, model_of(decided))
    show(decided, args.calibrate)
    print(f'written to {out}')


def show(decided: Decided, method: Method) -> None:
    """Prints how good decisions are on the run's test set."""
    console = VisibleConsole(markup=False, emoji=False)
    run, found = decided.run, decided.tested
    by_class = class_lines(found, decided.decisions, run.classes, run.class_freq)
    console.print(as_table('on the test set, by class', by_class))
    console.print(
        as_table('on the test set, means', group_lines(found, run.groups, run.class_freq))
    )
    before, after = found.calibration_errors
    calibrated = '' if method == 'none' else f', with --calibrate {method}: {after:.3f}'
    if 'own' not in decided.decisions.chosen:
        print(
            'warning: no class has enough positives for a threshold of its own among the '
            f'{decided.decisions.num_images} images for validation: all share one, and decisions '
            'may be poor; validate on more images, or lower --least',
            file=sys.stderr,
        )
    print(
        f'thresholds: {decided.decisions.rule} on {decided.decisions.num_images} images for '
        f'validation; expected calibration error on the test set: {before:.3f}{calibrated}'
    )
