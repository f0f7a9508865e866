"""Make TF-IDF features of the texts in a data folder, by scikit-learn.

python -m dbl tfidf data/reuters --out data/reuters_tfidf
python -m dbl train reuters/linear/db
"""

import argparse
from pathlib import Path

from dbl.commands.ending import exits_on_bad_input
from dbl.whole_numbers import count


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, help='has train, test and perhaps val, and texts')
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument(
        '--min-df', type=count, default=1, metavar='N',
        help='training texts that a word has to be in; default: 1',
    )  # fmt: skip
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    from dbl.dataset_tools.tfidf import write_tfidf

    for split, shape in write_tfidf(args.folder, args.out, args.min_df).items():
        print(f'{args.out / split}.npz: {" x ".join(map(str, shape))}, sparse')
