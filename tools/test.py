"""Test a checkpoint and print mAP total, head, medium and tail.

python tools/test.py configs/demo/db_focal.py work_dirs/demo/db_focal/epoch_8.pth
"""

import argparse
import tempfile
from pathlib import Path

from mmengine.config import Config
from mmengine.dist import is_main_process
from rich.console import Console

from dbl.engine import (
    Runner,
    config_parser,
    flat_metrics,
    init_distributed,
    load_config,
    load_weights,
    write_metrics,
)
from dbl.errors import InputError, exits_on_bad_input
from dbl.evaluation import metrics_table


def parse_args() -> argparse.Namespace:
    parser = config_parser(__doc__.splitlines()[0])
    parser.add_argument('checkpoint', help='as work_dirs/demo/db_focal/epoch_8.pth')
    parser.add_argument('--out', type=Path, help='write the metrics to this .json')
    parser.add_argument('--scores', help='write images, logits and targets to this .npz')
    return parser.parse_args()


def check_output(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; name a file to write to")


def test(config: Config, checkpoint: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as log_dir:
        config.work_dir = log_dir
        runner = Runner.from_cfg(config)
        load_weights(runner.model, checkpoint)
        return flat_metrics(runner.test())


@exits_on_bad_input
def main() -> None:
    args = parse_args()
    init_distributed(args.launcher)
    config = load_config(args.config, args.cfg_options, images=['test'])
    config.launcher = args.launcher
    if args.scores:
        config.test_evaluator.scores_file = args.scores
    for path in filter(None, (args.out, args.scores)):
        check_output(Path(path))
    metrics = test(config, args.checkpoint)
    if is_main_process():
        Console().print(metrics_table(metrics, f'{args.config}, {args.checkpoint}'))
        if args.out:
            write_metrics(args.out, metrics)


if __name__ == '__main__':
    main()
