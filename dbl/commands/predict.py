"""Score pictures with a trained model.

python -m dbl predict work_dirs/demo/db_focal/epoch_8.pth my_photos --out predictions.csv
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.errors import InputError
from dbl.inference.decisions import calibration_of, given_decisions
from dbl.inference.output import check_suffix, write_predictions
from dbl.inference.pictures import find_pictures

if TYPE_CHECKING:
    from dbl.inference.predictions import Predictions
    from dbl.inference.predictor import Predictor

SHOWN = 3


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('model', type=Path, help='a checkpoint, or a file of `decide`')
    parser.add_argument(
        'pictures', nargs='+', type=Path, help='pictures, folders, or tables of pictures'
    )
    parser.add_argument('--out', type=Path, help='.csv, .jsonl or .parquet to write')
    parser.add_argument('--top', type=_count, help=f'best classes alone; on screen: {SHOWN}')
    parser.add_argument(
        '--thresholds',
        metavar='NUMBER|JSON',
        help='scores that are enough, for all classes or by class; default: those of `decide`',
    )
    parser.add_argument('--image-column', metavar='NAME', help="the tables' column of pictures")
    parser.add_argument(
        '--models', nargs='+', type=Path, default=[], help='further models to average over'
    )
    parser.add_argument('--flip', action='store_true', help='average over the mirror image')
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument(
        '--explain', type=Path, metavar='FOLDER',
        help='show where the network looks for the best class, or the --top ones (Grad-CAM)',
    )  # fmt: skip
    parser.add_argument('--batch-size', type=_count, default=32, help='default: 32')
    parser.add_argument(
        '--num-workers', type=int, default=min(4, (os.cpu_count() or 1) - 1),
        help='processes that decode pictures',
    )  # fmt: skip
    return parser.parse_args()


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected an integer of at least 1, but got '{text}'")
    return int(text)


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.out:
        check_suffix(args.out)
    paths = find_pictures(args.pictures, args.image_column)
    from dbl.inference.predictor import load_model  # which imports torch

    predictor = load_model(args.model, *args.models, averaged=args.ema, flip=args.flip)
    if args.thresholds:
        learnt = calibration_of(predictor.decisions)
        predictor.decisions = given_decisions(args.thresholds, predictor.classes, learnt)
    with Progress(console=VisibleConsole(stderr=True), transient=True) as bar:
        task = bar.add_task('pictures', total=len(paths))
        found = predictor.predict(
            paths, args.batch_size, args.num_workers, lambda count: bar.advance(task, count)
        )
    _name_unreadable(found)
    if args.explain:
        _explain(predictor, found, args.explain, args.top or 1)
    if args.out:
        write_predictions(args.out, found, args.top)
        count, classes = len(found.images), len(found.classes)
        print(f'pictures: {count}, classes: {classes}; written to {args.out}')
    else:
        _show(found, args.top or SHOWN)


def _show(found: 'Predictions', count: int) -> None:
    labels = found.labels
    for number, (image, best) in enumerate(found.top(count)):
        present = labels[number] if labels else []
        shown = [f'{name} {score:.3f}{"*" * (name in present)}' for name, score in best]
        print(f'{image}: {", ".join(shown)}')
    if labels is not None:
        print("* present: its score reaches the class's threshold")


def _explain(predictor: 'Predictor', found: 'Predictions', folder: Path, count: int) -> None:
    from dbl.inference.explain import write_explanations

    written = [
        path
        for image, best in found.top(count)
        for path in write_explanations(predictor, Path(image), [name for name, _ in best], folder)
    ]
    print(f"where it looks: {len(written)} pictures, as '{written[0]}'")


def _name_unreadable(found: 'Predictions') -> None:
    for reason in found.unreadable.values():
        print(f'warning: {reason}; passed over', file=sys.stderr)
    if not found.images:
        raise InputError('none of the pictures can be read')
