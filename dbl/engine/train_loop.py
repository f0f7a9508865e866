from mmengine.runner import EpochBasedTrainLoop
from torch import nn

from dbl.registry import LOOPS


@LOOPS.register_module()
class ResumableTrainLoop(EpochBasedTrainLoop):
    """mmengine's loop by epochs, which also starts in the middle of one.

    A checkpoint of iteration k goes on with iteration k + 1: the plan of the epoch is made again
    from (seed, epoch), and the draws before are skipped. Where the checkpoint is of the end of an
    epoch, the validation that may have been due is made first.
    """

    def run(self) -> nn.Module:
        self.runner.call_hook('before_train')
        if self._iter > 0 and self._done == 0:
            self._validate()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._validate()
        self.runner.call_hook('after_train')
        return self.runner.model

    def run_epoch(self) -> None:
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        done = self._done
        self.dataloader.sampler.skip(done * self.dataloader.batch_size)
        for idx, data_batch in enumerate(self.dataloader, start=done):
            self.run_iter(idx, data_batch)
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    @property
    def _done(self) -> int:
        """Iterations of the current epoch that are done."""
        return self._iter - self._epoch * len(self.dataloader)

    def _validate(self) -> None:
        self._decide_current_val_interval()
        last = self._epoch >= self._max_epochs
        due = self._epoch >= self.val_begin and (last or self._epoch % self.val_interval == 0)
        if due and self.runner.val_loop is not None:
            self.runner.val_loop.run()
