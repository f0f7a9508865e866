import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer

from dbl.registry import HOOKS


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Keeps checkpoints free of mmengine's own classes, so that ``weights_only=True`` reads them.

    The scalars' history becomes tensors when a checkpoint is saved, and is made again from them
    when it is loaded. No class needs to be allow-listed.
    """

    priority = 'VERY_LOW'

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        hub = checkpoint['message_hub']
        # The average precisions by class are not kept, see MetricsFileHook; their mark goes too.
        hub['resumed_keys'].pop('val/AP', None)
        hub['log_scalars'] = {
            name: [torch.from_numpy(values) for values in buffer.data]
            for name, buffer in hub['log_scalars'].items()
        }
        hub['runtime_info'] = {
            name: info.item() if isinstance(info, np.generic) else info
            for name, info in hub['runtime_info'].items()
        }

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for name, (history, counts) in scalars.items():
            scalars[name] = HistoryBuffer(history.tolist(), counts.tolist())
