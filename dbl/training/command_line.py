"""The command lines of training and testing, which import torch only once it is needed."""

import argparse
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dbl
from dbl.errors import InputError
from dbl.files import check_target
from dbl.training.sentences import GOES_ON, STARTS
from dbl.training.stop_signals import ignore_stop_signals

if TYPE_CHECKING:
    from torch import nn

    from dbl.experiment import Experiment
    from dbl.training.evaluate import Scores

LAUNCHERS = ('none', 'pytorch', 'slurm')


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds ``--cfg-options``, whose texts :func:`dbl.config.parse_options` reads."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action='extend',
        type=_key_and_value,
        default=[],
        metavar='KEY=VALUE',
        help='override config values, such as model.head.loss.beta=5',
    )


def _key_and_value(text: str) -> str:
    if '=' not in text:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, but got '{text}'")
    return text


def config_parser(description: str) -> argparse.ArgumentParser:
    """Makes the parser of a tool that runs a config."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='such as demo/db_focal')
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    add_options(parser)
    return parser


def train(description: str) -> None:
    """Trains as the command line says, and prints the table of mAPs."""
    args = _train_arguments(description)
    from dbl.config import parse_options
    from dbl.training.run_folder import RunFolder, default_work_dir

    options = parse_options(args.cfg_options)
    if args.seed is not None and 'seed' in options:
        raise InputError(f'got --seed {args.seed} and seed={options["seed"]}; leave one out')
    config = dbl.load_config(args.config, options)
    path = args.work_dir or default_work_dir(args.config)
    with RunFolder(path, args.resume, args.overwrite, _join(args.launcher)) as run:
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
    _print_metrics(metrics, str(path / 'metrics.json'), experiment)
    leave_processes()


def _train_arguments(description: str) -> argparse.Namespace:
    parser = config_parser(description)
    parser.add_argument('--work-dir', type=Path, help='default: work_dirs/<set>/<row>')
    parser.add_argument('--seed', type=int, metavar='N', help="default: the config's, 0")
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument('--resume', action='store_true', help='go on from the last checkpoint')
    existing.add_argument('--overwrite', action='store_true', help='replace the run that is there')
    args = parser.parse_args()
    if args.seed is not None and not 0 <= args.seed < 2**31:
        parser.error(f'--seed must lie in [0, 2**31), but got {args.seed}')
    return args


def _join(launcher: str) -> Callable[[Callable[[], Any]], Any]:
    """Joins the processes, if there are several. Returns what lets the main one decide."""
    if launcher == 'none' and os.environ.get('WORLD_SIZE', '1') == '1':
        return lambda function: function()
    from dbl.training.distributed import by_main, join_processes

    join_processes(launcher)
    return by_main


def test(description: str) -> None:
    """Tests a checkpoint as the command line says, and prints the table of mAPs."""
    args = _test_arguments(description)
    _join(args.launcher)
    from dbl.config import parse_options

    config = dbl.load_config(args.config, parse_options(args.cfg_options))
    for option, path in (('--out', args.out), ('--scores', args.scores)):
        if path:
            check_target(path, option)
    if args.out and args.out == args.scores:
        raise InputError(f"--out and --scores are both '{args.out}'; name two files")
    experiment = dbl.build_experiment(config, training=False)
    from dbl.training.distributed import is_main, leave_processes
    from dbl.training.evaluate import loader_of, metrics_of, score
    from dbl.training.run_numbers import write_metrics

    loader = loader_of(experiment, args.on)
    model, learnt = _tested_model(experiment, args)
    scores = score(experiment, model, loader)
    metrics = metrics_of(experiment, scores)
    if is_main() and args.scores:
        scores.save(args.scores, experiment.classes)
    if is_main() and args.out:
        write_metrics(args.out, metrics)
    _print_metrics(metrics, _tested_title(args), experiment)
    if learnt is not None and is_main():
        _print_decisions(learnt, args.checkpoint, scores, experiment)
    leave_processes()


def _test_arguments(description: str) -> argparse.Namespace:
    parser = config_parser(description)
    parser.add_argument('checkpoint', help='such as work_dirs/demo/db_focal/epoch_8.pth')
    parser.add_argument('--on', choices=['test', 'val'], default='test', help='default: test')
    parser.add_argument('--ema', action='store_true', help='take the averaged weights')
    parser.add_argument(
        '--models', nargs='+', default=[], metavar='CHECKPOINT', help='average over these as well'
    )
    parser.add_argument('--flip', action='store_true', help='average over the mirror image')
    parser.add_argument('--out', type=Path, help='write the metrics to this .json')
    parser.add_argument('--scores', type=Path, help='write images, logits and targets to this .npz')
    return parser.parse_args()


def _tested_model(
    experiment: 'Experiment', args: argparse.Namespace
) -> tuple['nn.Module', dict[str, Any] | None]:
    """The model, or the mean of several, and the decisions that were learnt of it, if any."""
    from dbl.inference.mean import MeanOf
    from dbl.training.fitting_weights import load_weights
    from dbl.training.trained_with import check_images, check_scores_alike

    models = [experiment.model, *(deepcopy(experiment.model) for _ in args.models)]
    found: dict[str, Any] = {}
    for model, path in zip(models, [args.checkpoint, *args.models], strict=True):
        found = load_weights(model, path, args.ema, experiment.config)
        check_images(experiment, found.get('meta'), path, args.on)
        check_scores_alike(experiment.config, found.get('meta'), path)
    if len(models) == 1 and not args.flip:
        return experiment.model, found.get('decisions')
    return MeanOf(models, args.flip), None


def _tested_title(args: argparse.Namespace) -> str:
    """Says what was tested, for the table."""
    how = ', with mirror images' if args.flip else ''
    what = ' on the images for validation' if args.on == 'val' else ''
    return f'{args.config}, {" and ".join([args.checkpoint, *args.models])}{how}{what}'


def _print_decisions(learnt: Any, path: str, scores: 'Scores', experiment: 'Experiment') -> None:
    """Prints how good the decisions are that a file of ``python -m dbl decide`` holds."""
    from dbl.console import VisibleConsole
    from dbl.inference.decisions import decisions_of
    from dbl.inference.tested import as_table, class_lines, group_lines, tested

    decisions = decisions_of(learnt, len(experiment.classes), path)
    found = tested(decisions, scores.logits, scores.targets)
    freq = experiment.resolved['metric']['class_freq']
    by_class = class_lines(found, decisions, experiment.classes, freq)
    for title, lines in (
        (f'decisions by the {decisions.rule} on validation, by class', by_class),
        ('means', group_lines(found, experiment.metric.groups, freq)),
    ):
        VisibleConsole(markup=False, emoji=False).print(as_table(title, lines))


def _print_metrics(metrics: dict[str, float], title: str, experiment: 'Experiment') -> None:
    from dbl.console import VisibleConsole
    from dbl.results.metrics_table import metrics_table
    from dbl.training.distributed import is_main

    if is_main():
        trained, val = experiment.resolved['metric']['num_images'], experiment.val_loader
        # Without images for validation these are the whole training set.
        note = val and f'groups by the {trained} training images; {len(val.dataset)} more validate'
        VisibleConsole().print(metrics_table(metrics, title, note or ''))
