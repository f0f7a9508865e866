"""Where a training stands: counting, saving, evaluating, stopping."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from time import monotonic
from typing import Any

import cv2
import torch
from torch import Tensor

from dbl.config_values import plain_values
from dbl.environment import environment
from dbl.errors import InputError
from dbl.experiment import TrainingExperiment
from dbl.freed_memory import keep_freed_memory
from dbl.training.checkpoint import save_checkpoint
from dbl.training.distributed import (
    any_process,
    average,
    barrier,
    by_main,
    gather,
    is_main,
    joined,
    rank_and_world_size,
)
from dbl.training.evaluations import Evaluations
from dbl.training.log import TrainingLog
from dbl.training.meta import annotations_of, checkpoint_name, pictures_of, what_it_is_of
from dbl.training.resume import resume
from dbl.training.rng_state import rng_state, set_rng_state
from dbl.training.run_folder import RunFolder
from dbl.training.sentences import STOPPED_BY
from dbl.training.stop_signals import STOPPED, StopSignals


class Progress:
    """The progress of a training, for as long as its block lasts.

    Attributes:
        iteration: Optimiser steps done.
        pictures: Fingerprints of the pictures that are trained, validated and tested on.
        scaler: Scales a loss in float16, whose small gradients would vanish.
        evaluations: Evaluations of its epochs.
    """

    def __init__(self, experiment: TrainingExperiment, run: RunFolder) -> None:
        if not isinstance(experiment, TrainingExperiment):
            raise InputError('the experiment was built for a test; leave training=False out')
        if experiment.trained and not run.resumes:
            raise InputError('the experiment is trained already; build it anew')
        self.experiment, self.run, self.config = experiment, run, experiment.config
        self.loader = experiment.train_loader
        self.epoch_length = experiment.epoch_length
        self.iteration, self._stop = 0, False
        half = self.config.precision == 'float16'
        self.scaler = torch.amp.GradScaler(experiment.device.type, enabled=half)
        self.log = TrainingLog(run.path, self.config, self.epoch_length)
        self.signals = StopSignals()
        self.evaluations = Evaluations(experiment, run, self.log, self._stop_in_evaluation)

    def __enter__(self) -> 'Progress':
        keep_freed_memory()
        cv2.setNumThreads(1)
        self.pictures = by_main(lambda: pictures_of(self.experiment))
        if self.run.resumes:
            resume(self)
        else:  # others may have drawn since the experiment was built
            set_rng_state(self.experiment.rng_state)
        self.experiment.trained = True
        if is_main():
            what = {'given': plain_values(self.config), 'resolved': self.experiment.resolved}
            self.run.begin(environment(), **what, classes=self.experiment.classes)
        if self.run.resumes:
            self.evaluations.write_best()
        barrier()
        self.loader.dataset.share_pictures()
        with ExitStack() as stack:
            stack.enter_context(self.signals)
            stack.enter_context(self.log.opened(self.iteration))
            stack.callback(self.loader.end_workers)
            self.saved_at = monotonic()
            if not self.run.resumes:
                self.save()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error) -> None:
        self._stack.__exit__(*error)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.iteration // self.epoch_length

    @property
    def done_of_epoch(self) -> int:
        """Iterations done of the current epoch."""
        return self.iteration % self.epoch_length

    @property
    def done(self) -> bool:
        """Whether nothing is left to train."""
        return self.epoch >= self.config.epochs or self.evaluations.done

    def steps(self) -> Iterator[list[dict[str, Any]]]:
        """Yields the batches of each step that is left in the current epoch."""
        if is_main():
            self.run.unfinish()
        sampler, loss = self.loader.sampler, self.experiment.model.head.loss
        sampler.set_epoch(self.epoch)
        size = self.config.accumulate
        sampler.skip(self.done_of_epoch * size * self.loader.batch_size)
        if (set_epoch := getattr(loss, 'set_epoch', None)) is not None:
            set_epoch(self.epoch)
        self.experiment.network.train()
        self.log.restart_clock()
        batches = iter(self.loader)
        while len(step := list(islice(batches, size))) == size:
            self.log.data_came()
            yield step

    def step_done(
        self, step: list[dict[str, Any]], loss: Tensor, norm: Tensor, rates: dict[str, float]
    ) -> None:
        """Counts and logs an iteration."""
        self.iteration += 1
        if self.experiment.averaged is not None:
            self.experiment.averaged.update_parameters(self.experiment.model)
        # A loss scaler leaves out the steps whose gradient is not finite.
        norms = {} if self.scaler.is_enabled() else {'grad_norm': norm}
        images = [path for batch in step for path in batch['img_path']]
        self.log.iteration_done(self.iteration, images, rates, loss=loss, **norms)

    def save_if_due(self) -> None:
        """Saves within an epoch, every so often, and before the run stops on a signal."""
        received = self.signals.received is not None
        self._stop = self._stop or any_process(received, self.iteration, self.experiment.device)
        due = self._is_due()
        if self.done_of_epoch and (due or self._stop):
            self.save()

    def _is_due(self) -> bool:
        minutes, iterations = self.config.checkpoint.minutes, self.config.checkpoint.iterations
        if iterations is not None and self.iteration % iterations == 0:
            return True
        late = minutes is not None and monotonic() - self.saved_at > 60 * minutes
        return any_process(late, self.iteration, self.experiment.device)

    def save_epoch(self) -> None:
        """Saves the end of an epoch, unless the last checkpoint is recent and will do."""
        part = self.config.checkpoint
        each = part.spacing is None or part.keep != 1
        needed = each or self._stop or self.evaluations.due(self.epoch)
        if needed or by_main(lambda: monotonic() - self.saved_at >= part.spacing):
            self.save()

    def save(self) -> None:
        """Saves a checkpoint, whole or not at all, drops older ones, and exits if a signal came.

        Raises:
            InputError: A loss, a gradient or the weights are not finite, or the disk is full or
                cannot be written to.
        """
        self.log.read()
        states = gather(rng_state())
        # Within an epoch the running statistics of several processes differ.
        own = {name: [s.cpu() for s in found] for name, found in self.statistics().items()}
        statistics = gather(own if joined() else {})
        if is_main():
            if not all(w.isfinite().all() for w in self.experiment.model.parameters()):
                raise self.log.not_finite('the weights are not finite', self.iteration)
            path = self.run.path / checkpoint_name(self.iteration, self.epoch_length)
            save_checkpoint(path, self._content(states, statistics))
            self.run.drop_older(path, self.config.checkpoint.keep)
            self.run.note_time()
        self.saved_at = monotonic()
        self.log.restart_clock()
        barrier()  # if a process ended before, torchrun would end the one that writes
        if self._stop:
            self._exit()

    def _content(
        self, rng_states: list[dict[str, Any]], statistics: list[dict[str, list[Tensor]]]
    ) -> dict[str, Any]:
        """What a run needs to go on from here, as plain data and tensors."""
        meta = {
            **what_it_is_of(self.experiment),
            'iter': self.iteration,
            'epoch': self.epoch,
            'rng_states': rng_states,
            'pictures': self.pictures,
            **self.fixed(),
        }
        return self._optional() | {
            'state_dict': self.experiment.model.state_dict(),
            'optimizer': self.experiment.optimizer.state_dict(),
            'scaler': self.scaler.state_dict(),
            'log': self.log.state(),
            'statistics': statistics,
            'meta': meta,
        }

    def _optional(self) -> dict[str, Any]:
        """The states of the parts that not every config has."""
        averaged, found, sampler = self.experiment.averaged, {}, self.loader.sampler
        if hasattr(sampler, 'state_dict'):
            found['sampler'] = sampler.state_dict()
        if averaged is not None:
            steps = int(averaged.n_averaged)
            found['averaged'] = {'state_dict': averaged.module.state_dict(), 'steps': steps}
        if self.evaluations.selections:
            found['selections'] = self.evaluations.state()
        return found

    def fixed(self) -> dict[str, Any]:
        """The values that a run cannot change."""
        return {
            **annotations_of(self.experiment),
            'seed': self.config.seed,
            'batch': self.loader.batch_size * self.config.accumulate * rank_and_world_size()[1],
            'epoch_length': self.epoch_length,
            'optimizer': self.config.optimizer.type,
            'init_from': self.config.init_from,
            'weights': self.config.model.backbone.get('weights'),
        }

    def even_out_statistics(self) -> None:
        """Averages the running statistics, which differ between processes, before an evaluation."""
        average([value for found in self.statistics().values() for value in found])

    def statistics(self) -> dict[str, list[Tensor]]:
        """The running statistics of the norms, by the models' names."""
        return {
            name: [buffer for buffer in model.buffers() if buffer.is_floating_point()]
            for name, model in self.evaluations.models.items()
        }

    def evaluate_if_due(self) -> None:
        """Evaluates the epoch just done, if the config says so."""
        self.evaluations.after_epoch(self.epoch, self.iteration)

    def _stop_in_evaluation(self, number: int) -> None:
        """Exits without saving: the epoch has its checkpoint, and is evaluated anew on resuming."""
        if any_process(self.signals.received is not None, number, self.experiment.device):
            self._exit()

    def _exit(self) -> None:
        self.signals.received = self.signals.received or 'a signal to another process'
        if is_main():
            said = f'{STOPPED_BY} {self.signals.received}; --resume goes on from here'
            print(said, file=sys.stderr)
        sys.exit(STOPPED)
