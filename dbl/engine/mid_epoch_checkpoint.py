from time import monotonic

from mmengine.hooks import Hook

from dbl.engine.agreement import any_process
from dbl.registry import HOOKS


@HOOKS.register_module()
class MidEpochCheckpointHook(Hook):
    """Saves a checkpoint before the first iteration, and every so often within the epochs.

    Args:
        minutes: Time from one checkpoint to the next.
        iterations: Iterations from one checkpoint to the next, instead of a time.
    """

    priority = 'VERY_LOW'

    def __init__(self, minutes: float = 10, iterations: int | None = None) -> None:
        if not minutes > 0:
            raise ValueError(f'minutes must be above 0, but got {minutes}')
        if iterations is not None and iterations < 1:
            raise ValueError(f'iterations must be at least 1, but got {iterations}')
        self.minutes = minutes
        self.iterations = iterations

    def before_train(self, runner) -> None:
        runner.saved_at = monotonic()
        if runner.iter == 0:
            runner.save_mid_epoch()

    def after_train_iter(self, runner, *args, **kwargs) -> None:
        if self._is_due(runner):
            runner.save_mid_epoch(runner.iter + 1)

    def _is_due(self, runner) -> bool:
        if self.iterations is not None:
            return self.every_n_train_iters(runner, self.iterations)
        return any_process(monotonic() - runner.saved_at > 60 * self.minutes, runner.iter)
