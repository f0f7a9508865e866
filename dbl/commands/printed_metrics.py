"""The table of mAPs that a training and a test end with."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbl.experiment import Experiment


def print_metrics(metrics: dict[str, float], title: str, experiment: 'Experiment') -> None:
    from dbl.console import VisibleConsole
    from dbl.results.metrics_table import metrics_table
    from dbl.training.distributed import is_main

    if is_main():
        trained, val = experiment.resolved['metric']['num_images'], experiment.val_loader
        # Without images for validation these are the whole training set.
        note = val and f'groups by the {trained} training images; {len(val.dataset)} more validate'
        VisibleConsole().print(metrics_table(metrics, title, note or ''))
