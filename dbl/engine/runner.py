import logging
from pathlib import Path

import mmengine.runner
import torch
from mmengine.dist import master_only
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel
from torch import nn

from dbl.engine.work_dir import checkpoints, drop_replaced


def shown_on_console(record: logging.LogRecord) -> bool:
    """Keeps long dumps, and mmengine's notes on its own deprecations, to the log file."""
    message = record.getMessage().strip()
    return '\n' not in message and 'will be deprecated' not in message


class Runner(mmengine.runner.Runner):
    """mmengine's Runner; the console gets one-line messages, the log file everything."""

    def build_logger(self, *args, **kwargs) -> MMLogger:
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(shown_on_console)
        return logger

    @master_only
    def save_checkpoint(self, out_dir: str, filename: str, *args, **kwargs) -> None:
        """Writes beside and renames; of the epochs' checkpoints the older ones go only then."""
        super().save_checkpoint(out_dir, f'{filename}.part', *args, **kwargs)
        new = Path(out_dir) / filename
        new.with_name(f'{filename}.part').replace(new)
        epochs = checkpoints(Path(out_dir))
        for path in epochs if new in epochs else []:
            if path != new:
                path.unlink()
        drop_replaced(Path(out_dir))

    def _init_model_weights(self) -> None:
        # The checkpoint has all weights; ImageNet's may not be at hand any more.
        if not self._resume:
            super()._init_model_weights()

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        # mmengine names a CUDA device to DDP, which raises on the CPU.
        if self.distributed and not torch.cuda.is_available():
            model = MMDistributedDataParallel(model)
        return super().wrap_model(model_wrapper_cfg, model)
