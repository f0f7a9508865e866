from collections.abc import Sequence

import torch
from mmengine.runner import TestLoop, ValLoop

from dbl.registry import LOOPS


@LOOPS.register_module()
class InferenceValLoop(ValLoop):
    """mmengine's ValLoop in inference mode, which keeps no record for gradients at all."""

    @torch.inference_mode()
    def run_iter(self, idx: int, data_batch: Sequence[dict]) -> None:
        super().run_iter(idx, data_batch)


@LOOPS.register_module()
class InferenceTestLoop(TestLoop):
    """mmengine's TestLoop in inference mode."""

    @torch.inference_mode()
    def run_iter(self, idx: int, data_batch: Sequence[dict]) -> None:
        super().run_iter(idx, data_batch)
