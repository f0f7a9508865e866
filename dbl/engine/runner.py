import json
import logging
import signal
from functools import partial
from pathlib import Path
from time import monotonic

import mmengine.runner
import torch
from mmengine.dist import all_gather_object, barrier, is_main_process
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel, is_model_wrapper
from mmengine.optim import _ParamScheduler
from torch import nn
from torch.utils.data import DataLoader

from dbl.engine.deferred_info import DeferredInfoHook, not_finite
from dbl.engine.freed_memory import keep_freed_memory
from dbl.engine.rng_state import rng_state, set_rng_state
from dbl.engine.scalars import cut_scalars, rewrite_tensorboard
from dbl.engine.schedule import move_end, scaled_schedule
from dbl.engine.stop_signals import ShieldedLoader, start_worker
from dbl.engine.training_plan import check_plan, training_plan
from dbl.engine.work_dir import drop_older, drop_replaced
from dbl.errors import InputError
from dbl.whole_file import whole_file


def shown_on_console(record: logging.LogRecord) -> bool:
    """Keeps long dumps, and mmengine's notes on its own deprecations, to the log file."""
    message = record.getMessage().strip()
    return '\n' not in message and 'will be deprecated' not in message


class Runner(mmengine.runner.Runner):
    """mmengine's Runner; the console gets one-line messages, the log file everything."""

    def __init__(self, *args, **kwargs) -> None:
        keep_freed_memory()
        super().__init__(*args, **kwargs)

    def build_logger(self, *args, **kwargs) -> MMLogger:
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(shown_on_console)
        return logger

    @staticmethod
    def build_dataloader(*args, **kwargs) -> DataLoader:
        """Gives loaders random numbers of their own, since the global ones are the model's alone,
        and their workers the pictures that are decoded already."""
        loader = mmengine.runner.Runner.build_dataloader(*args, **kwargs)
        loader.generator = torch.Generator()
        if hasattr(loader.dataset, 'share_pictures'):
            loader.dataset.share_pictures()
        if hasattr(signal, 'sigtimedwait'):  # not on macOS and Windows
            loader.worker_init_fn = partial(start_worker, loader.worker_init_fn)
            loader.__class__ = ShieldedLoader  # mmengine names torch's
        return loader

    def save_mid_epoch(self, iteration: int = 0) -> None:
        """Saves a checkpoint after so many iterations, wherever in an epoch that is."""
        meta = dict(epoch=self.epoch, iter=iteration)
        self.save_checkpoint(self.work_dir, f'iter_{iteration}.pth', meta=meta)

    def save_checkpoint(
        self, out_dir: str, filename: str, *args, meta: dict | None = None, **kwargs
    ) -> None:
        """Saves all or nothing; of the run's checkpoints the older ones go only then.

        Raises:
            InputError: The weights are not finite, or the disk is full or cannot be written to.
        """
        for hook in self.hooks:
            if isinstance(hook, DeferredInfoHook):
                hook.read(self)
        states = all_gather_object(rng_state())
        if is_main_process():
            if not all(weight.isfinite().all() for weight in self.model.parameters()):
                raise not_finite('the weights are not finite', self, self.iter + 1)
            values = json.dumps(self.cfg.to_dict(), default=str)
            batch = self.train_dataloader.batch_size * self.world_size
            meta = {
                **(meta or {}),
                'rng_states': states,
                'config_values': values,
                'batch': batch,
                'plan': training_plan(self.train_dataloader),
            }
            with whole_file(Path(out_dir) / filename) as part:
                super().save_checkpoint(out_dir, part.name, *args, meta=meta, **kwargs)
            drop_older(Path(out_dir) / filename)
            if self.iter > 0:
                drop_replaced(Path(out_dir))
        self.saved_at = monotonic()
        barrier()  # a process that ended before would have torchrun end the one that writes

    def build_param_scheduler(self, scheduler: list[dict]) -> list:
        rule = self.auto_scale_lr or {}
        made = [isinstance(part, _ParamScheduler) for part in scheduler]
        if rule.get('enable', False) and not any(made):
            batch = self.train_dataloader.batch_size * self.world_size
            scheduler = scaled_schedule(scheduler, rule['base_batch_size'], batch)
        return super().build_param_scheduler(scheduler)

    def load_checkpoint(self, *args, **kwargs) -> dict:
        """Reads a checkpoint without its text of a config, which mmengine would run as Python."""
        checkpoint = super().load_checkpoint(*args, **kwargs)
        self._loaded_meta = checkpoint.get('meta', {})
        self._loaded_meta.pop('config', None)
        return checkpoint

    def resume(self, filename: str, *args, **kwargs) -> None:
        """Goes on from a checkpoint, exactly: with its random numbers, and its scalars alone.

        Raises:
            InputError: The training data or the sampler are others, or the state does not fit.
        """
        ends = [scheduler.end for scheduler in self.param_schedulers]
        try:
            super().resume(filename, *args, **kwargs)
            meta = self._loaded_meta
            check_plan(meta['plan'], self.train_dataloader, filename)
            for scheduler, end in zip(self.param_schedulers, ends, strict=True):
                move_end(scheduler, end)
            self._resume_random_numbers(meta['rng_states'])
        except InputError:
            raise
        except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise InputError(
                f"'{filename}' does not fit the config ({error!r}): resume with the optimiser and "
                'schedule that it was trained with, or start anew with --overwrite'
            ) from error
        if is_main_process():
            folder = Path(self.work_dir) / 'vis_data'
            rows = cut_scalars(folder, meta['iter'])
            rewrite_tensorboard(self.visualizer, folder, rows)

    def _resume_random_numbers(self, states: list[dict]) -> None:
        if len(states) != self.world_size:
            self.logger.warning(
                f'The checkpoint is of {len(states)} processes, not of {self.world_size}: random '
                'numbers, as those of dropout, are others from here on.'
            )
        set_rng_state(states[self.rank % len(states)])

    def _maybe_compile(self, target: str) -> None:
        """Compiles the model's forward pass: ``compile=True``, or its options as a dict.

        mmengine compiles the whole step, which its own bookkeeping breaks into pieces.
        """
        options = self.cfg.get('compile', False)
        if options:
            model = self.model.module if is_model_wrapper(self.model) else self.model
            model.compile(**(options if isinstance(options, dict) else {}))

    def _init_model_weights(self) -> None:
        # The checkpoint has all weights; ImageNet's may not be at hand any more.
        if not self._resume:
            super()._init_model_weights()

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        model = model.to(memory_format=torch.channels_last)  # faster on GPU and CPU
        # mmengine names a CUDA device to DDP, which raises on the CPU.
        if self.distributed and not torch.cuda.is_available():
            model = MMDistributedDataParallel(model)
        elif self.distributed:
            self.cfg.setdefault('sync_bn', 'torch')
        return super().wrap_model(model_wrapper_cfg, model)
