"""Make the word vectors of a data set's classes, for row ML-GCN, from a GloVe text file.

python -m dbl word_vectors --glove glove.6B.300d.txt --classes voc_mlt \\
    --out data/voc_mlt/word_vectors.npz
"""

import argparse
from pathlib import Path

from dbl.commands.ending import exits_on_bad_input
from dbl.dataset_tools import coco, voc
from dbl.dataset_tools.word_vectors import class_vectors, write_word_vectors
from dbl.datasets import read_annotations
from dbl.errors import InputError

CLASSES = {'voc_mlt': voc.CLASSES, 'coco_mlt': coco.CLASSES}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--glove', type=Path, required=True, help='text file with a word and its numbers per line'
    )
    parser.add_argument(
        '--classes',
        required=True,
        help='voc_mlt, coco_mlt, or annotations, such as data/custom/train.csv',
    )
    parser.add_argument('--out', type=Path, required=True, help='.npz file to write')
    args = parser.parse_args()
    if args.out.suffix != '.npz':
        parser.error(f"--out must end in .npz, but got '{args.out}'")
    return args


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if not args.glove.is_file():
        raise InputError(
            f"'{args.glove}' is not a file; unpack https://nlp.stanford.edu/data/glove.6B.zip"
        )
    classes = CLASSES.get(args.classes) or read_annotations(args.classes).classes
    vectors = class_vectors(classes, args.glove)
    write_word_vectors(args.out, classes, vectors)
    print(f'vectors of {len(classes)} classes, {vectors.shape[1]} numbers each: {args.out}')
