"""Write a trained model to a file for programs without dbl: ONNX, or PyTorch's own .pt2.

python -m dbl export work_dirs/demo/db_focal/epoch_8.pth --to onnx
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dbl.commands.ending import exits_on_bad_input
from dbl.errors import InputError

if TYPE_CHECKING:
    from dbl.inference.predictor import Predictor

KINDS = ('onnx', 'pt2')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('model', type=Path, help='a checkpoint, or a file of `decide`')
    parser.add_argument('--to', choices=KINDS, default='onnx', help='default: onnx')
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument('--out', type=Path, help="default: the model's name, with its new suffix")
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    out = args.out or args.model.with_suffix(f'.{args.to}')
    kind = out.suffix.lower()[1:]
    if kind != args.to:
        hint = f', or give --to {kind}' if kind in KINDS else ''
        raise InputError(f"--out '{out}' must end in .{args.to}{hint}")
    from dbl.inference.export import export  # which imports torch
    from dbl.inference.predictor import load_model

    predictor = load_model(args.model, averaged=args.ema, device='cpu')
    size = export(predictor, out)
    print(
        f'written to {out}: it takes pictures (N, {size}, {size}, 3), RGB, uint8, and gives scores'
    )
    print(_compared(predictor, out, size))


def _compared(predictor: 'Predictor', out: Path, size: int) -> str:
    """Says how far the file's scores are from those of the model itself."""
    from dbl.inference.exported import largest_difference

    try:
        difference = largest_difference(predictor, out, size)
    except InputError as error:
        return f'not compared with predict: {error}'
    return f'largest difference from the scores of predict, on random pictures: {difference:.1e}'
