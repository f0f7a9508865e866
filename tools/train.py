"""Train a config, test its last epoch and print mAP total, head, medium and tail.

python tools/train.py configs/demo/db_focal.py
"""

import argparse
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.dist import barrier, is_main_process
from rich.console import Console

from dbl.engine import (
    Runner,
    claim_work_dir,
    default_work_dir,
    init_distributed,
    load_config,
    read_metrics,
    seed_of_run,
)
from dbl.errors import InputError, exits_on_bad_input
from dbl.evaluation import metrics_table
from dbl.registry import MODELS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='as configs/demo/db_focal.py')
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/<set>/<row>')
    parser.add_argument(
        '--seed', type=int, metavar='N', help="default: the config's randomness.seed, 0"
    )
    parser.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    parser.add_argument('--overwrite', action='store_true', help='replace the run that is there')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm'], default='none')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='K=V',
        help='override config values, as model.head.loss.beta=5',
    )
    return parser.parse_args()


def read_config(args: argparse.Namespace) -> Config:
    config = load_config(args.config, args.cfg_options)
    config.work_dir = str(args.work_dir or default_work_dir(args.config))
    config.launcher = args.launcher
    config.resume = args.resume
    # One folder for all starts of a run, which `tensorboard --logdir work_dirs` finds.
    config.visualizer.save_dir = config.work_dir
    config.randomness.seed = choose_seed(args, config)
    return config


def choose_seed(args: argparse.Namespace, config: Config) -> int:
    seed = config.randomness.seed if args.seed is None else args.seed
    started_with = seed_of_run(Path(config.work_dir)) if args.resume else None
    if started_with is None:
        return seed
    if args.seed not in (None, started_with):
        raise InputError(
            f"the run in '{config.work_dir}' started with seed {started_with}, but got "
            f'--seed {seed}; leave --seed out to resume it'
        )
    return started_with


def check_model(config: Config) -> None:
    """Builds the model once, so that what is wrong shows before anything is written."""
    try:
        backbone = MODELS.build(config.model).backbone
    except ValueError as error:
        raise InputError(f'the model cannot be built: {error}') from error
    if hasattr(backbone, 'init_weights'):
        backbone.init_weights()


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    init_distributed(args.launcher)
    config = read_config(args)
    check_model(config)
    metrics_file = Path(config.work_dir) / 'metrics.json'
    if is_main_process():
        claim_work_dir(Path(config.work_dir), args.resume, args.overwrite)
        print(f'{args.config}, seed {config.randomness.seed}, into {config.work_dir}')
    barrier()
    runner = Runner.from_cfg(config)
    runner.train()
    if not metrics_file.exists():  # stopped after its last checkpoint, before its evaluation
        runner.val()
    if is_main_process():
        Console().print(metrics_table(read_metrics(metrics_file), str(metrics_file)))


if __name__ == '__main__':
    main()
