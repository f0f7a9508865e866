"""A run of a campaign: its folder, and the trainings that follow one another in it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from dbl.chaos.training import Training, children
from dbl.errors import InputError
from dbl.training.run_files import checkpoints

TRAIN = [sys.executable, '-m', 'dbl', 'train']
LONGEST = 1e9  # seconds that the run left alone may take


class Reference(NamedTuple):
    """The run that is left alone.

    Attributes:
        folder: Folder of the run.
        start_up: Seconds until it begins to train.
        seconds: Seconds from then to its end.
        has_workers: Whether worker processes make its batches.
        checkpoint_size: Bytes of its last checkpoint.
    """

    folder: Path
    start_up: float
    seconds: float
    has_workers: bool
    checkpoint_size: int

    @property
    def patience(self) -> float:
        """Seconds after which a training counts as hanging, even if the machine has got busier."""
        return 60 + 4 * (self.start_up + self.seconds)


class Run:
    """A run, in which one training follows another until one reaches the end.

    Args:
        folder: Folder of the run. The output goes beside it, because its disk may be full.
        config: The config, such as ``demo/db_focal``.
        options: ``KEY=VALUE`` texts, as for ``--cfg-options``.
        reference: The run whose end it must match.

    Attributes:
        training: The current training, or the last one.
    """

    training: Training

    def __init__(
        self, folder: Path, config: str, options: Sequence[str], reference: Reference
    ) -> None:
        self.folder, self.config, self.options = folder, config, options
        self.reference = reference
        self._started: list[Training] = []

    def __enter__(self) -> 'Run':
        self.training = self.start('--resume')
        return self

    def __exit__(self, *error) -> None:
        for training in self._started:
            training.kill()

    @property
    def over(self) -> bool:
        """Whether it has been trained to its end."""
        return self.training.status == 0

    @property
    def failed(self) -> bool:
        """Whether its training has failed without being struck."""
        return bool(self.training.status) and not self.training.struck

    def start(self, *flags: str, output: str = '') -> Training:
        """Starts a training in the folder, with ``output`` added to the name of its output file."""
        patience = self.reference.patience
        training = start(self.folder, self.config, self.options, flags, patience, output)
        self._started.append(training)
        return training

    def running_training(self) -> Training:
        """The current training. If it has ended, the next one is started and goes on."""
        if self.training.ended:
            self.training = self.start('--resume')
        return self.training


def start(
    folder: Path,
    config: str,
    options: Sequence[str],
    flags: Sequence[str],
    patience: float,
    output: str = '',
) -> Training:
    """Starts a training of a config."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [*TRAIN, config, '--work-dir', str(folder), *flags]
    command += ['--cfg-options', *options] if options else []
    return Training(command, folder, folder.with_name(f'{folder.name}{output}.txt'), patience)


def left_alone(folder: Path, config: str, options: Sequence[str]) -> Reference:
    """Trains a run to its end, and measures it.

    Raises:
        InputError: It fails.
    """
    started, begun, has_workers = monotonic(), None, False
    training = start(folder, config, options, [], LONGEST)
    try:
        while not training.ended:
            if begun is None and training.has_begun:
                begun = monotonic()
            has_workers = has_workers or bool(children(training.pid))
            sleep(0.02)
    finally:
        training.kill()
    if training.status != 0 or begun is None:
        raise InputError(f"a run that is left alone failed; see '{training.output}'")
    size = checkpoints(folder)[-1].stat().st_size
    return Reference(folder, begun - started, monotonic() - begun, has_workers, size)
