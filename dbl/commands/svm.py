"""Train a linear support vector machine on features, and print its F1 by group.

python -m dbl svm data/reuters_tfidf --head 35 --tail 9
"""

import argparse
from pathlib import Path

from dbl.commands.build_options import add_groups
from dbl.commands.ending import exits_on_bad_input
from dbl.console import VisibleConsole
from dbl.results.f1_table import f1_line
from dbl.results.table import as_terminal


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folder', type=Path, help='has features of train, val and test')
    parser.add_argument('--c', type=float, default=1.0, help='inverse of the regularisation')
    add_groups(parser)
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    from dbl.svm import svm_f1  # slow to import

    found = svm_f1(args.folder, args.c, args.head, args.tail)
    header = ['row', *found.by_group]
    lines = [header, ['SVM', *f1_line(found.by_group)]]
    VisibleConsole().print(as_terminal(lines, f'{args.folder}: micro / macro F1 in percent'))
    print(f'present from a margin of {found.margin:.1f}, which is best on validation')
