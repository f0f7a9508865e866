"""Score pictures with a trained model.

python -m dbl predict work_dirs/demo/db_focal/epoch_8.pth my_photos --out predictions.csv
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dbl.commands.ending import exits_on_bad_input
from dbl.console import progress_bar
from dbl.errors import InputError
from dbl.freed_memory import keep_freed_memory
from dbl.inference.decisions import calibration_of, given_decisions
from dbl.inference.output import check_columns, check_output, write_predictions
from dbl.inference.pictures import pictures_in
from dbl.label_files.answers import Answers
from dbl.whole_numbers import count, whole

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
    parser.add_argument('--top', type=count, help=f'best classes alone; on screen: {SHOWN}')
    parser.add_argument(
        '--thresholds',
        metavar='NUMBER|JSON',
        help='scores that are enough, for all classes or by class; default: those of `decide`',
    )
    parser.add_argument(
        '--models', nargs='+', type=Path, default=[], help='further models to average over'
    )
    parser.add_argument('--flip', action='store_true', help='average over the mirror image')
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument(
        '--explain', type=Path, metavar='FOLDER',
        help='show where the network looks for the best class, or the --top ones (Grad-CAM)',
    )  # fmt: skip
    parser.add_argument('--batch-size', type=count, default=32, help='default: 32')
    parser.add_argument(
        '--num-workers', type=whole, default=min(4, (os.cpu_count() or 1) - 1),
        help='processes that decode pictures',
    )  # fmt: skip
    _add_table_options(parser)
    return parser.parse_args()


def _add_table_options(parser: argparse.ArgumentParser) -> None:
    tables = parser.add_argument_group('how tables are read, where that is open')
    tables.add_argument('--image-column', metavar='NAME', help='column of the pictures')
    tables.add_argument(
        '--header', nargs='+', metavar='NAME', help='names of the columns, where it has no header'
    )
    tables.add_argument('--delimiter', help='between the cells of a text file')
    tables.add_argument('--encoding', help='of a text file; default: UTF-8')
    tables.add_argument(
        '--skip-lines', type=whole, metavar='N', help='lines of a text file above its header'
    )


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.out:
        check_output(args.out)
    paths = pictures_in(args.pictures, _answers(args))
    if args.out:
        _check_apart(args.out, [*args.pictures, *paths])
    if args.explain:
        from dbl.inference.explain import grad_cam  # which imports torch

        grad_cam()  # not only after all pictures were scored
    keep_freed_memory()
    predictor = _loaded(args)
    if args.out:
        check_columns(args.out, predictor.classes, predictor.decisions is not None, args.top)
    found = _predicted(predictor, paths, args)
    if args.out:
        write_predictions(args.out, found, args.top)
        count, classes = len(found.images), len(found.classes)
        print(f'pictures: {count}, classes: {classes}; written to {args.out}')
    else:
        _show(found, args.top or SHOWN)
    if args.explain:
        _explain(predictor, found, args.explain, args.top or 1)


def _answers(args: argparse.Namespace) -> Answers:
    names = 'image_column', 'header', 'delimiter', 'encoding', 'skip_lines'
    return Answers(**{name: getattr(args, name) for name in names})


def _check_apart(out: Path, read: Iterable[Path]) -> None:
    """Refuses to replace what is read, such as a table of labels."""
    if any(path.exists() and out.exists() and path.samefile(out) for path in read):
        raise InputError(f"--out '{out}' is read, and would be lost; name another file")


def _loaded(args: argparse.Namespace) -> 'Predictor':
    from dbl.inference.predictor import load_model  # which imports torch

    predictor = load_model(args.model, *args.models, averaged=args.ema, flip=args.flip)
    if predictor.takes != 'pictures':
        width = '' if predictor.width is None else f' of width {predictor.width}'
        raise InputError(
            f"'{args.model}' takes {predictor.takes}{width}, no pictures; score them in Python: "
            f'dbl.load_model(PATH).predict({predictor.takes})'
        )
    if args.thresholds is not None:
        learnt = calibration_of(predictor.decisions)
        predictor.decisions = given_decisions(args.thresholds, predictor.classes, learnt)
    elif predictor.decisions is None and predictor.file.decisions is not None:
        note = f"note: the thresholds of '{args.model}' do not hold of a mean, so there are none"
        print(note, file=sys.stderr)
    return predictor


def _predicted(
    predictor: 'Predictor', paths: Sequence[Path], args: argparse.Namespace
) -> 'Predictions':
    with progress_bar(len(paths), predictor.takes) as advance:
        found = predictor.predict(paths, args.batch_size, args.num_workers, advance)
    for reason in found.unreadable.values():
        print(f'warning: {reason}; passed over', file=sys.stderr)
    if not found.images:
        raise InputError('none of the pictures can be read')
    return found


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

    pictures = ((Path(image), [name for name, _ in best]) for image, best in found.top(count))
    written = write_explanations(predictor, pictures, folder)
    print(f"maps of where it looks: {len(written)}, as '{written[0]}'")
