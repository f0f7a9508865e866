"""Train a config, test its last epoch and print mAP total, head, medium and tail.

python -m dbl train demo/db_focal
"""

import argparse
from pathlib import Path

import dbl
from dbl.commands.config_options import config_parser, join
from dbl.commands.ending import exits_on_bad_input
from dbl.commands.printed_metrics import print_metrics
from dbl.errors import InputError
from dbl.training.sentences import GOES_ON, STARTS
from dbl.training.stop_signals import ignore_stop_signals


@exits_on_bad_input(writes_files=True)
def main() -> None:
    args = _arguments()
    from dbl.config import parse_options
    from dbl.training.run_files import default_work_dir
    from dbl.training.run_folder import RunFolder

    options = parse_options(args.cfg_options)
    if args.seed is not None and 'seed' in options:
        raise InputError(f'got --seed {args.seed} and seed={options["seed"]}; leave one out')
    config = dbl.load_config(args.config, options)
    path = args.work_dir or default_work_dir(args.config)
    with RunFolder(path, args.resume, args.overwrite, join(args.launcher)) as run:
        if args.seed is not None:
            config.seed = args.seed
        elif run.resumes and run.seed is not None and 'seed' not in options:
            config.seed = run.seed
        experiment = dbl.build_experiment(config, pretrained=not run.resumes)
        from dbl.training.distributed import is_main, leave_processes

        if is_main():
            how = GOES_ON if run.resumes else STARTS
            print(f'{how} {args.config}, seed {experiment.config.seed}, in {path}', flush=True)
        try:
            metrics = dbl.train(experiment, run)
        except SystemExit:
            ignore_stop_signals()
            raise
    print_metrics(metrics, str(path / 'metrics.json'), experiment)
    leave_processes()


def _arguments() -> argparse.Namespace:
    parser = config_parser(__doc__.splitlines()[0])
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/<set>/<row>')
    parser.add_argument('--seed', type=int, metavar='N', help="default: the config's, 0")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    existing.add_argument('--overwrite', action='store_true', help='replace the run that is there')
    args = parser.parse_args()
    if args.seed is not None and not 0 <= args.seed < 2**31:
        parser.error(f'--seed must lie in [0, 2**31), but got {args.seed}')
    return args
