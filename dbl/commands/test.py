"""Test a checkpoint and print mAP total, head, medium and tail.

python -m dbl test demo/db_focal work_dirs/demo/db_focal/epoch_8.pth
"""

import argparse
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dbl
from dbl.commands.config_options import config_parser, join
from dbl.commands.ending import exits_on_bad_input
from dbl.commands.printed_metrics import print_metrics
from dbl.errors import InputError
from dbl.files import check_target

if TYPE_CHECKING:
    from torch import nn

    from dbl.experiment import Experiment
    from dbl.training.evaluate import Scores


@exits_on_bad_input
def main() -> None:
    args = _arguments()
    join(args.launcher)
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
    print_metrics(metrics, _tested_title(args), experiment)
    if learnt is not None and is_main():
        _print_decisions(learnt, args.checkpoint, scores, experiment)
    leave_processes()


def _arguments() -> argparse.Namespace:
    parser = config_parser(__doc__.splitlines()[0])
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
    from dbl.training.trained_with import check_same_data, check_scores_alike

    models = [experiment.model, *(deepcopy(experiment.model) for _ in args.models)]
    found: dict[str, Any] = {}
    for model, path in zip(models, [args.checkpoint, *args.models], strict=True):
        found = load_weights(model, path, args.ema, experiment.config)
        check_same_data(experiment, found.get('meta'), path, args.on)
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
