"""Write a trained model to a file for programs without dbl: ONNX, or PyTorch's own .pt2.

python -m dbl export work_dirs/demo/db_focal/epoch_8.pth --to onnx
"""

import argparse
from pathlib import Path

from dbl.commands.ending import exits_on_bad_input
from dbl.errors import InputError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('model', type=Path, help='a checkpoint, or a file of `decide`')
    parser.add_argument('--to', choices=['onnx', 'pt2'], default='onnx', help='default: onnx')
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument('--out', type=Path, help="default: the model's name, with its new suffix")
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    out = args.out or args.model.with_suffix(f'.{args.to}')
    if out.suffix != f'.{args.to}':
        raise InputError(f"--out '{out}' must end in .{args.to}, or give --to {out.suffix[1:]}")
    from dbl.inference.export import export  # which imports torch
    from dbl.inference.predictor import load_model

    size = export(load_model(args.model, averaged=args.ema, device='cpu'), out)
    print(
        f'written to {out}: it takes pictures (N, {size}, {size}, 3), RGB, uint8, and gives scores'
    )
