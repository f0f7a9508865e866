"""The evaluations of a training: on validation while it runs, on the test set at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from dbl.errors import InputError
from dbl.experiment import TrainingExperiment
from dbl.files import delete
from dbl.settings import evaluation_interval, selects
from dbl.training.checkpoint import save_checkpoint
from dbl.training.distributed import is_main
from dbl.training.evaluate import Scores, metrics_of, score
from dbl.training.fitting_weights import misfits
from dbl.training.log import TrainingLog
from dbl.training.meta import what_it_is_of
from dbl.training.run_files import BEST, own_files
from dbl.training.run_folder import RunFolder
from dbl.training.selection import Selection
from dbl.training.variants import described


class Evaluations:
    """Evaluates the epochs of a training.

    The names of metrics and files begin with what was evaluated: ``ema/`` for averaged weights,
    ``selected/`` for those of the selected epoch, and ``val/`` for the images for validation, in
    that order. The weights of the last epoch and the test set add nothing.

    Args:
        experiment: What is trained.
        run: Folder that gets scores, metrics and the best weights.
        log: Gets a line for each evaluation.
        each: Called after every batch, with its number.

    Attributes:
        metrics: Metrics of the last epoch, once the training is done.
        done: Whether the last epoch has been evaluated. Patience may have made it the last.
        selections: Best epochs by weights, ``''`` or ``'ema/'``. Empty if the config asks for none.
    """

    def __init__(
        self,
        experiment: TrainingExperiment,
        run: RunFolder,
        log: TrainingLog,
        each: Callable[[int], None],
    ) -> None:
        self.experiment, self.config, self.run = experiment, experiment.config, run
        self.log, self.each = log, each
        self.models: dict[str, nn.Module] = {'': experiment.model}
        if experiment.averaged is not None:
            self.models['ema/'] = experiment.averaged.module
        by = self.config.select_by
        self.selections = {name: Selection(by) for name in self.models if selects(self.config)}
        self.loaders = {'': experiment.test_loader}
        if experiment.val_loader is not None:
            self.loaders['val/'] = experiment.val_loader
        self.metrics: dict[str, float] = {}
        self.done = False
        self._fresh: dict[str, Scores] = {}

    @property
    def since(self) -> int:
        """Evaluations since any of the weights were last at their best."""
        return min((selection.since for selection in self.selections.values()), default=0)

    @property
    def out_of_patience(self) -> bool:
        """Whether validation has not improved for as long as the config allows."""
        return self.config.patience is not None and self.since >= self.config.patience

    def due(self, epoch: int) -> bool:
        """Whether anything is evaluated after an epoch."""
        every = evaluation_interval(self.config)
        return epoch >= self.config.epochs or bool(every and epoch % every == 0)

    def after_epoch(self, epoch: int, iteration: int) -> None:
        """Evaluates if the config says so, and evaluates everything after the last epoch."""
        if not self.due(epoch):
            return
        last = epoch >= self.config.epochs
        self.iteration, self._fresh = iteration, {}
        for name, model in self.models.items():
            if name in self.selections:
                self._select(name, model, epoch)
            elif not last:  # for curves, on the test set if there is nothing else
                self._measure(name, model, 'val/' if 'val/' in self.loaders else '')
        if last or self.out_of_patience:
            self._finish(epoch)

    def _select(self, name: str, model: nn.Module, epoch: int) -> None:
        value = self._measure(name, model, 'val/')[self.config.select_by]
        if self.selections[name].add(epoch, value, model):
            self._write_best(name)

    def write_best(self) -> None:
        """Writes the files of the best weights anew, after the selections were loaded."""
        for path in own_files(self.run.path, BEST) if is_main() else ():
            delete(path)
        for name, selection in self.selections.items():
            if selection.epoch:
                self._write_best(name)

    def _write_best(self, name: str) -> None:
        selection = self.selections[name]
        meta = {**what_it_is_of(self.experiment), 'epoch': selection.epoch}
        if is_main():
            content = {'state_dict': selection.weights, 'meta': meta}
            save_checkpoint(self.run.path / f'{name.replace("/", "_")}best.pth', content)

    def _measure(
        self, name: str, model: nn.Module, images: str, epoch: int | None = None
    ) -> dict[str, float]:
        """Scores images with a model, unless that was just done, and logs the means."""
        key = f'{name}{images}'
        if key in self._fresh:
            return metrics_of(self.experiment, self._fresh[key])
        self._fresh[key] = score(self.experiment, model, self.loaders[images], self.each)
        metrics = metrics_of(self.experiment, self._fresh[key])
        self.log.write_evaluation(self.iteration, metrics, key, ', '.join(described(key, epoch)))
        return metrics

    def _finish(self, epoch: int) -> None:
        """Measures and writes all that is asked for, and marks the run as finished."""
        metrics: dict[str, float] = {}
        for name, model in self.models.items():
            metrics |= self._measured(name, model)
            if self.config.select == 'best':
                selection = self.selections[name]
                if selection.epoch == epoch:
                    same = {f'{name}selected/{i}': self._fresh[f'{name}{i}'] for i in self.loaders}
                    self._fresh |= same
                with _with_weights(model, selection.weights):
                    found = self._measured(f'{name}selected/', model, selection.epoch)
                metrics |= {f'{name}selected/epoch': selection.epoch, **found}
        self.metrics, self.done = metrics, True
        if is_main():
            for key, scores in self._fresh.items():
                path = self.run.path / f'{key.replace("/", "_")}scores.npz'
                scores.save(path, self.experiment.classes)
            self.run.finish(metrics, epoch)

    def _measured(self, name: str, model: nn.Module, epoch: int | None = None) -> dict[str, float]:
        return {
            f'{name}{images}{key}': value
            for images in self.loaders
            for key, value in self._measure(name, model, images, epoch).items()
        }

    def state(self) -> dict[str, dict[str, Any]]:
        """What a checkpoint keeps."""
        return {name: selection.state() for name, selection in self.selections.items()}

    def load_state(self, state: dict[str, dict[str, Any]]) -> None:
        """Goes on from what :meth:`state` gave.

        Raises:
            ValueError: The state is of another model, or is not of a selection.
            InputError: The epochs were selected by another measure.
        """
        for name, selection in self.selections.items():
            selection.load_state(state[name])
            if selection.by != self.config.select_by:
                raise InputError(
                    f'the run selected its epochs by {selection.by}, but got '
                    f'select_by={self.config.select_by}; put it back, or start anew with '
                    '--overwrite'
                )
            if selection.epoch and misfits(self.models[name], selection.weights):
                raise ValueError('the selected weights are of another model')


@contextmanager
def _with_weights(model: nn.Module, weights: dict[str, Tensor]) -> Iterator[None]:
    """Gives a model other weights for as long as the block lasts."""
    own = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(weights)
    try:
        yield
    finally:
        model.load_state_dict(own)
