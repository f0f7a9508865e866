"""Train a config, test its last epoch and print mAP total, head, medium and tail.

python tools/train.py configs/demo/db_focal.py
"""

import argparse
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import barrier, is_main_process
from rich.console import Console

from dbl.engine import (
    Runner,
    check_backbone_weights,
    checkpoints,
    config_parser,
    default_work_dir,
    init_distributed,
    launch,
    load_config,
    read_metrics,
    restarted,
    resume,
    set_aside,
    start,
)
from dbl.errors import exits_on_bad_input
from dbl.evaluation import metrics_table


def parse_args() -> argparse.Namespace:
    parser = config_parser(__doc__.splitlines()[0])
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/<set>/<row>')
    parser.add_argument(
        '--seed', type=int, metavar='N', help="default: the config's randomness.seed, 0"
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    existing.add_argument('--overwrite', action='store_true', help='replace the run that is there')
    args = parser.parse_args()
    if args.seed is not None and not 0 <= args.seed < 2**31:
        parser.error(f'--seed must lie in [0, 2**31), but got {args.seed}')
    return args


def read_config(args: argparse.Namespace) -> Config:
    config = load_config(args.config, args.cfg_options)
    config.work_dir = str(args.work_dir or default_work_dir(args.config))
    config.launcher = args.launcher
    # One folder for all starts of a run, which `tensorboard --logdir work_dirs` finds.
    config.visualizer.save_dir = config.work_dir
    args.resume = args.resume or restarted(Path(config.work_dir))
    if args.resume and not checkpoints(Path(config.work_dir)):
        args.resume = False  # stopped before it had begun
    if args.resume:
        notes = resume(config, args.seed)
        if is_main_process() and notes:
            print(notes)
    else:
        check_backbone_weights(config)
        start(config, args.seed, args.overwrite)
    return config


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    init_distributed(args.launcher)
    config = read_config(args)
    barrier()
    if is_main_process():
        work_dir = Path(config.work_dir)
        if not args.resume:
            set_aside(work_dir)
        work_dir.mkdir(parents=True, exist_ok=True)
        (work_dir / 'launch').write_text(launch(), encoding='utf-8')
        start_or_resume = 'goes on with' if args.resume else 'starts'
        print(
            f'{start_or_resume} {args.config}, seed {config.randomness.seed}, in {config.work_dir}'
        )
    barrier()
    runner = Runner.from_cfg(config)
    runner.train()
    if is_main_process():
        metrics_file = Path(config.work_dir) / 'metrics.json'
        Console().print(metrics_table(read_metrics(metrics_file), str(metrics_file)))


if __name__ == '__main__':
    main()
