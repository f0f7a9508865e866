"""Run a config's frozen backbone once over all pictures, and keep its features in matrices.

python -m dbl features demo/db_focal --views 8 --out data/demo_features
python -m dbl train features/db_focal --cfg-options data_root=data/demo_features
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import dbl
from dbl.commands.config_options import add_options
from dbl.commands.ending import exits_on_bad_input
from dbl.config import parse_options
from dbl.console import progress_bar
from dbl.dataset_tools.feature_files import check_free
from dbl.errors import InputError

if TYPE_CHECKING:
    from dbl.experiment import TrainingExperiment


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='such as demo/db_focal')
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument(
        '--views',
        type=int,
        default=0,
        metavar='K',
        help='augmented views of each training picture; default: 0, one view, as tests have it',
    )
    parser.add_argument(
        '--pool',
        choices=['mean', 'max'],
        default='mean',
        help='how a map becomes a vector; default: mean; ML-GCN takes max',
    )
    add_options(parser)
    return parser.parse_args()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    if args.views < 0:
        raise InputError(f'--views must be at least 0, but got {args.views}')
    check_free(args.out)
    config = dbl.load_config(args.config, parse_options(args.cfg_options))
    experiment = dbl.build_experiment(config)
    _check_apart(args.out, experiment)
    for split, shape in _with_progress(experiment, args).items():
        print(f'{args.out / split}.npy: {" x ".join(map(str, shape))}')
    print(f'train on them: python -m dbl train features/ROW --cfg-options data_root={args.out}')


def _check_apart(out: Path, experiment: 'TrainingExperiment') -> None:
    """Refuses to replace what the features are made of, such as other features."""
    from dbl.training.meta import sources_of

    for source in sources_of(experiment).values():
        path = Path(source.name)
        if path.is_file() and path.parent.resolve() == out.resolve():
            raise InputError(f"--out '{out}' is the folder of '{path}'; choose another")


def _with_progress(
    experiment: 'TrainingExperiment', args: argparse.Namespace
) -> dict[str, tuple[int, ...]]:
    from dbl.inference.extract import datasets_of, extract

    datasets = datasets_of(experiment, args.views).values()
    total = sum(len(dataset) * max(views, 1) for dataset, views in datasets)
    of = getattr(experiment.model.backbone, 'takes', 'pictures')
    with progress_bar(total, of) as advance:
        return extract(experiment, args.out, args.views, args.pool, advance)
