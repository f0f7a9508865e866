import json
import math
from pathlib import Path

from mmengine.dist import master_only
from mmengine.hooks import Hook

from dbl.registry import HOOKS
from dbl.whole_file import whole_file


def flat_metrics(metrics: dict) -> dict[str, float]:
    """Flattens the metric's ``AP`` by class to ``AP/<class>``."""
    flat = {key: value for key, value in metrics.items() if key != 'AP'}
    return flat | {f'AP/{name}': value for name, value in metrics.get('AP', {}).items()}


def write_metrics(path: Path, metrics: dict[str, float]) -> None:
    """Writes flat metrics as JSON, all or nothing; a mean over no class is null."""
    finite = {key: None if math.isnan(value) else value for key, value in metrics.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(json.dumps(finite, indent=1, ensure_ascii=False) + '\n', encoding='utf-8')


def read_metrics(path: Path) -> dict[str, float]:
    """Reads what :func:`write_metrics` wrote."""
    metrics = json.loads(path.read_text(encoding='utf-8'))
    return {key: math.nan if value is None else value for key, value in metrics.items()}


@HOOKS.register_module()
class MetricsFileHook(Hook):
    """Writes ``metrics.json`` after the last epoch's evaluation, the mark of a finished run; before
    it ``scores.npz``, what the metrics were computed from."""

    @master_only
    def before_train(self, runner) -> None:
        for metric in runner.val_loop.evaluator.metrics:
            if getattr(metric, 'scores_file', '') is None:
                metric.scores_file = str(Path(runner.work_dir) / 'scores.npz')

    @master_only
    def before_train_epoch(self, runner) -> None:
        # A finished run that trains on, for more epochs, is not finished any more.
        (Path(runner.work_dir) / 'metrics.json').unlink(missing_ok=True)

    @master_only
    def after_val_epoch(self, runner, metrics: dict | None = None) -> None:
        if runner.epoch >= runner.max_epochs:
            write_metrics(Path(runner.work_dir) / 'metrics.json', flat_metrics(metrics))
        # Out of the log line that follows, which would show every class.
        runner.message_hub.pop_info('val/AP', None)

    def after_test_epoch(self, runner, metrics: dict | None = None) -> None:
        runner.message_hub.pop_info('test/AP', None)
