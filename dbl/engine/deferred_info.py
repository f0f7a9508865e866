import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.hooks import LoggerHook, RuntimeInfoHook
from torch import Tensor

from dbl.engine.work_dir import checkpoints
from dbl.errors import InputError
from dbl.registry import HOOKS

EVERY = 10  # iterations
NAMES = {'grad_norm': "gradient's norm"}


class Iteration(NamedTuple):
    """What an iteration gave, its values still on the device."""

    number: int
    images: Sequence[str]
    values: dict[str, Tensor]


@HOOKS.register_module()
class DeferredInfoHook(RuntimeInfoHook):
    """mmengine's RuntimeInfoHook, which reads loss and gradient's norm at every tenth iteration, as
    each reading waits for the GPU.

    They are read as well before they are logged or a checkpoint is saved. One that is not finite
    stops the run, before anything of it is saved.
    """

    def before_train(self, runner) -> None:
        super().before_train(runner)
        self._unread: list[Iteration] = []
        loggers = [hook for hook in runner.hooks if isinstance(hook, LoggerHook)]
        self._intervals = [EVERY, *(hook.interval for hook in loggers)]

    def after_train_iter(self, runner, batch_idx: int, data_batch: dict, outputs: dict) -> None:
        values = {name: value.detach().float() for name, value in outputs.items()}
        # A loss scaler, of half precision, leaves out the steps whose gradient is not finite.
        norm = getattr(runner.optim_wrapper, 'grad_norm', None)
        if norm is not None:
            values['grad_norm'] = norm.float()
        self._unread.append(Iteration(runner.iter + 1, data_batch['img_path'], values))
        last = self.end_of_epoch(runner.train_dataloader, batch_idx)
        if last or any(self.every_n_inner_iters(batch_idx, n) for n in self._intervals):
            self.read(runner)

    def read(self, runner) -> None:
        """Reads what is still on the device, all at once.

        Raises:
            InputError: A value is not finite; its iteration and images are named.
        """
        unread, self._unread = self._unread, []
        if not unread:
            return
        numbers = iter(torch.stack([v for x in unread for v in x.values.values()]).tolist())
        for iteration in unread:
            for name, value in zip(iteration.values, numbers, strict=False):
                if not math.isfinite(value):
                    what = f'the {NAMES.get(name, name)} is {value}'
                    raise not_finite(what, runner, iteration.number, iteration.images)
                runner.message_hub.update_scalar(f'train/{name}', value)


def not_finite(what: str, runner, iteration: int, images: Sequence[str] = ()) -> InputError:
    """Makes the error that names the iteration, its images and the last good checkpoint."""
    good = checkpoints(Path(runner.work_dir))
    kept = f"the last good checkpoint, '{good[-1]}', is kept" if good else 'nothing was saved yet'
    batch = f'; the images of the batch: {", ".join(images)}' if images else ''
    return InputError(
        f'iteration {iteration}, epoch {runner.epoch + 1}: {what}; {kept}; a training that has '
        f'diverged needs a lower optim_wrapper.optimizer.lr{batch}'
    )
