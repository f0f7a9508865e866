"""Logs a training while it runs: in the terminal, in scalars.json and to TensorBoard."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import torch
from mmengine.config import Config
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from dbl.console import VisibleConsole
from dbl.errors import InputError
from dbl.files import whole_file
from dbl.training.distributed import EVERY, is_main
from dbl.training.run_files import checkpoints
from dbl.training.run_numbers import read_log

NAMES = {'grad_norm': "gradient's norm"}


class Iteration(NamedTuple):
    """What an iteration gave, with its values still on the device."""

    number: int
    images: Sequence[str]
    values: dict[str, Tensor]


class TrainingLog:
    """Collects what iterations give, and writes a line of their means every so often.

    The loss and the gradient's norm stay on the device until ten iterations have passed, a line is
    due or a checkpoint is saved, since each reading waits for a GPU.

    Args:
        run: Folder of the run; ``vis_data`` in it gets ``scalars.json`` and TensorBoard's events.
        config: Config of the run.
        epoch_length: Iterations of an epoch.
    """

    def __init__(self, run: Path, config: Config, epoch_length: int) -> None:
        self.run, self.folder = run, run / 'vis_data'
        self.every, self.epochs, self.epoch_length = config.log_every, config.epochs, epoch_length
        self._unread: list[Iteration] = []
        self._collected: dict[str, list[float]] = {}
        console = VisibleConsole(highlight=False, markup=False)
        self._bar = Progress(
            TextColumn('epoch {task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not (is_main() and console.is_terminal),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @contextmanager
    def opened(self, iteration: int) -> Iterator[None]:
        """Lets lines be written while the block lasts, and drops old ones of later iterations."""
        self._begin, self._first = perf_counter(), iteration
        self._task = self._bar.add_task('', total=self.epoch_length)
        if not is_main():
            yield
            return
        rows = cut_scalars(self.folder / 'scalars.json', iteration)
        for path in self.folder.glob('events.out.tfevents.*'):
            path.unlink()
        with SummaryWriter(str(self.folder)) as self._writer, self._bar:
            for row in rows:
                self._to_tensorboard(row)
            yield

    def state(self) -> dict[str, list[float]]:
        """What has been collected since the last line."""
        return dict(self._collected)

    def load_state(self, state: Mapping[str, Sequence[float]]) -> None:
        """Goes on from what :meth:`state` gave."""
        self._collected = {name: [float(value) for value in own] for name, own in state.items()}

    def restart_clock(self) -> None:
        """Keeps what lies between iterations, such as saving a checkpoint, out of their times."""
        self._last = perf_counter()

    def data_came(self) -> None:
        """Notes that the wait for data, which began when the last iteration ended, is over."""
        self._collect('data_time', perf_counter() - self._last)

    def iteration_done(
        self, number: int, images: Sequence[str], rates: Mapping[str, float], **values: Tensor
    ) -> None:
        """Collects what an iteration gave, and writes a line if one is due.

        Args:
            number: Number of the iteration, from 1 on.
            images: Paths of its images.
            rates: Learning rates by name, with ``lr``.
            values: Its values by name, on the device.

        Raises:
            InputError: A value that was read is not finite.
        """
        self._collect('time', perf_counter() - self._last)
        self.restart_clock()
        detached = {name: value.detach().float() for name, value in values.items()}
        self._unread.append(Iteration(number, images, detached))
        epoch, done = divmod(number - 1, self.epoch_length)
        done += 1
        due = done % self.every == 0 or done == self.epoch_length
        if due or done % EVERY == 0:
            self.read()
            self._bar.update(self._task, completed=done, description=f'{epoch + 1}/{self.epochs}')
        if due:
            self._write_line(number, epoch + 1, done, rates)

    def _collect(self, name: str, value: float) -> None:
        self._collected.setdefault(name, []).append(value)

    def read(self) -> None:
        """Reads what is still on the device, all at once.

        Raises:
            InputError: A value is not finite; its iteration and images are named.
        """
        unread, self._unread = self._unread, []
        tensors = [value for iteration in unread for value in iteration.values.values()]
        numbers = iter(torch.stack(tensors).tolist() if tensors else [])
        for iteration in unread:
            for name, value in zip(iteration.values, numbers, strict=False):
                if not math.isfinite(value):
                    what = f'the {NAMES.get(name, name)} is {value}'
                    raise self.not_finite(what, iteration.number, iteration.images)
                self._collect(name, value)

    def not_finite(self, what: str, iteration: int, images: Sequence[str] = ()) -> InputError:
        """Makes the error that names the iteration, its images and the last good checkpoint."""
        good = checkpoints(self.run)
        kept = f"the last good checkpoint, '{good[-1]}', is kept" if good else 'nothing was saved'
        batch = f'; the images of the batch: {", ".join(images)}' if images else ''
        return InputError(
            f'iteration {iteration}, epoch {-(-iteration // self.epoch_length)}: {what}; {kept}; a '
            f'training that has diverged needs a lower optimizer.lr, or backbone_lr{batch}'
        )

    def _write_line(
        self, iteration: int, epoch: int, done: int, rates: Mapping[str, float]
    ) -> None:
        means = {name: sum(own) / len(own) for name, own in self._collected.items()}
        self._collected = {}
        if torch.cuda.is_available():
            means['memory'] = torch.cuda.max_memory_allocated() // 2**20  # MB
        row = {**rates, **means, 'epoch': epoch, 'iter': iteration}
        self._write({**row, 'step': iteration})
        pace = (perf_counter() - self._begin) / (iteration - self._first)
        left = timedelta(seconds=round(pace * (self.epochs * self.epoch_length - iteration)))
        shown = '  '.join(f'{name} {value:.4g}' for name, value in {**rates, **means}.items())
        self._say(f'epoch {epoch}/{self.epochs}  {done}/{self.epoch_length}  {shown}  eta {left}')

    def write_evaluation(
        self, iteration: int, metrics: Mapping[str, float], prefix: str, what: str
    ) -> None:
        """Writes the metrics over several classes, but not those of single ones.

        A mean over no class is left out.

        Args:
            iteration: Iterations done.
            metrics: Metrics by name, between 0 and 1.
            prefix: Prefix of their names in ``scalars.json``.
            what: What was evaluated, in words.
        """
        known = {name: value for name, value in metrics.items() if not math.isnan(value)}
        means = {name: value for name, value in known.items() if not name.startswith('AP/')}
        self._write({**{prefix + name: own for name, own in means.items()}, 'step': iteration})
        shown = '  '.join(f'{name} {100 * value:.2f}' for name, value in means.items())
        self._say(f'epoch {iteration // self.epoch_length}/{self.epochs}  {what}  {shown}')

    def _say(self, line: str) -> None:
        if is_main():
            self._bar.console.print(line, soft_wrap=True)

    def _write(self, row: Mapping[str, float]) -> None:
        if not is_main():
            return
        path = self.folder / 'scalars.json'
        try:
            with path.open('a', encoding='utf-8') as file:
                file.write(json.dumps(row) + '\n')
            self._to_tensorboard(row)
        except OSError as error:
            raise InputError(
                f"cannot write '{path}': {error.strerror or error}; the last checkpoint is intact"
            ) from error

    def _to_tensorboard(self, row: Mapping[str, float]) -> None:
        for name, value in row.items():
            if name != 'step':
                self._writer.add_scalar(name, value, row['step'])
        self._writer.flush()


def cut_scalars(path: Path, iteration: int) -> list[dict[str, float]]:
    """Drops from ``scalars.json`` what was written after a checkpoint, and returns what is left.

    The evaluation after the checkpoint's own iteration is dropped, too, since it is made again. So
    is a line that is not whole.

    Args:
        path: A file with one JSON object per line. It need not exist.
        iteration: Iterations done at the checkpoint.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [row for row in read_log(path) if _was_before(row, iteration)]
    if path.exists():
        with whole_file(path) as part:
            part.write_text(''.join(json.dumps(row) + '\n' for row in kept), encoding='utf-8')
    return kept


def _was_before(row: Mapping[str, float], iteration: int) -> bool:
    return row['step'] < iteration or (row['step'] == iteration and 'lr' in row)
