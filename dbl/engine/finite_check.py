import math
from collections.abc import Sequence
from pathlib import Path

from mmengine.hooks import Hook

from dbl.engine.work_dir import checkpoints
from dbl.errors import InputError
from dbl.registry import HOOKS


@HOOKS.register_module()
class FiniteCheckHook(Hook):
    """Stops a run whose loss or gradient is not finite, before anything of it is saved."""

    priority = 'ABOVE_NORMAL'

    def after_train_iter(self, runner, batch_idx: int, data_batch: dict, outputs: dict) -> None:
        values = {'loss': outputs['loss'].item()}
        # The wrapper writes it down where it clips, as all configs do. A loss scaler, of half
        # precision, leaves out the steps whose gradient is not finite.
        scaled = hasattr(runner.optim_wrapper, 'loss_scaler')
        if 'train/grad_norm' in runner.message_hub.log_scalars and not scaled:
            norm = runner.message_hub.get_scalar('train/grad_norm').current()
            values["gradient's norm"] = float(norm)
        for name, value in values.items():
            if not math.isfinite(value):
                raise not_finite(f'the {name} is {value}', runner, data_batch['img_path'])


def not_finite(what: str, runner, images: Sequence[str] = ()) -> InputError:
    """Makes the error that names the iteration, its images and the last good checkpoint."""
    good = checkpoints(Path(runner.work_dir))
    kept = f"the last good checkpoint, '{good[-1]}', is kept" if good else 'nothing was saved yet'
    batch = f'; the images of the batch: {", ".join(images)}' if images else ''
    return InputError(
        f'iteration {runner.iter + 1}, epoch {runner.epoch + 1}: {what}; {kept}; a training that '
        f'has diverged needs a lower optim_wrapper.optimizer.lr{batch}'
    )
