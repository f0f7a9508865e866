from collections.abc import Iterator
from contextlib import contextmanager

import mmengine.optim
import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from dbl.errors import unknown
from dbl.registry import OPTIM_WRAPPERS

PRECISIONS = ('float32', 'bfloat16')


@OPTIM_WRAPPERS.register_module()
class DeferredOptimWrapper(mmengine.optim.OptimWrapper):
    """mmengine's OptimWrapper, which leaves the gradient's norm on the device for
    :class:`~dbl.engine.DeferredInfoHook` to read, and computes in bfloat16 on request.

    Args:
        precision: ``'float32'``, or ``'bfloat16'`` for the forward pass by autocast; weights, loss
            and optimiser stay in float32.
    """

    def __init__(self, *args, precision: str = 'float32', **kwargs) -> None:
        if precision not in PRECISIONS:
            raise unknown('optim_wrapper.precision', precision, PRECISIONS)
        super().__init__(*args, **kwargs)
        self.precision = precision
        self.grad_norm: Tensor | None = None

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        device = next(model.parameters()).device.type
        half = torch.autocast(device, torch.bfloat16, enabled=self.precision == 'bfloat16')
        with super().optim_context(model), half:
            yield

    def update_params(self, *args, **kwargs) -> None:
        self.grad_norm = None  # until the gradients, summed up over iterations, are complete
        super().update_params(*args, **kwargs)

    def step(self, **kwargs) -> None:
        if not self.clip_grad_kwargs:
            self.grad_norm = get_total_norm(p.grad for p in self._trained())
        super().step(**kwargs)

    def _clip_grad(self) -> None:
        # The norm before; of clipping by value there is none.
        self.grad_norm = self.clip_func(self._trained(), **self.clip_grad_kwargs)

    def _trained(self) -> list[nn.Parameter]:
        groups = self.optimizer.param_groups
        return [p for group in groups for p in group['params'] if p.grad is not None]
