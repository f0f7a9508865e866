"""Draw scenes of the demo into files, with a table of their labels.

python -m dbl draw --count 10 --out data/drawn
"""

import argparse
import csv
from pathlib import Path

import cv2

from dbl.commands.ending import exits_on_bad_input
from dbl.datasets import ShapesMLT
from dbl.errors import InputError
from dbl.files import whole_file


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument('--split', choices=['train', 'test', 'val'], default='test')
    parser.add_argument('--count', type=int, default=10, help='default: 10; 0 draws all')
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    source = ShapesMLT(args.split)
    total = len(source.annotations)
    if not 0 <= args.count <= total:
        raise InputError(f'--count must lie in [0, {total}], but got {args.count}')
    count = args.count or total
    draw(source, count, args.out)
    print(f'{args.out}: {count} pictures, and their classes in {args.out / "labels.csv"}')


def draw(source: ShapesMLT, count: int, out: Path) -> None:
    """Writes the first scenes of the demo as .png, and a table of the classes in each."""
    out.mkdir(parents=True, exist_ok=True)
    annotations, rows = source.annotations, [['image', 'labels']]
    for index in range(count):
        name = f'{annotations.image_paths[index].replace(" ", "_")}.png'
        if not cv2.imwrite(str(out / name), source.read(index)):
            raise InputError(f"cannot write '{out / name}'")
        shown = [annotations.classes[c] for c in annotations.label_indices[index]]
        rows.append([name, '|'.join(shown)])
    with whole_file(out / 'labels.csv') as part, part.open('w', encoding='utf-8') as file:
        csv.writer(file, lineterminator='\n').writerows(rows)
