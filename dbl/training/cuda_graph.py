"""A batch's gradient as a CUDA graph.

A step of ResNet-50 is hundreds of kernels. Python takes longer to issue them than a GPU takes to
run them, so they are recorded once, and replayed for each batch.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from logging import getLogger
from typing import Any

import torch
from torch import Tensor, nn

from dbl.datasets.multi_label import moved
from dbl.errors import InputError
from dbl.experiment import TrainingExperiment
from dbl.nested import mapped
from dbl.out_of_memory import is_out_of_memory
from dbl.settings import has_one_gradient
from dbl.training.distributed import joined

WARM_UP = 3  # passes before recording, in which cuDNN chooses its algorithms
# Their parts do the same at each pass. Another's might not, and toss a coin in Python, say.
KNOWN = {'dbl', 'timm', 'torch', 'torchvision'}
PLAIN = {bool, int, float, str}
HOOKS = ('_forward_hooks', '_forward_pre_hooks', '_backward_hooks', '_backward_pre_hooks')


class GradientGraph:
    """Gives the gradients of batches, from a graph that is recorded once.

    A graph holds the addresses and numbers that it was recorded with. So where :func:`state_of`
    sees a change, the next batch is issued kernel by kernel, and the one after it is recorded anew
    if nothing has changed since. A value that changes at every step is thus never recorded.

    Args:
        model: The model, on a GPU.
        gradient: Adds a batch's gradient to the parameters', and returns its loss.
        forced: Record a model with parts or hooks that are not known to allow it, too.
    """

    def __init__(
        self,
        model: nn.Module,
        gradient: Callable[[Mapping[str, Any]], Tensor],
        forced: bool = False,
    ) -> None:
        self.model, self._gradient, self._forced = model, gradient, forced
        self._recorded_as: list[Any] | None = None
        self._issued_as: list[Any] | None = None
        self._refused = False

    def __call__(self, batch: Mapping[str, Any]) -> Tensor:
        """Sets the parameters' gradients to a batch's, and returns its loss, still on the device.

        Both are overwritten by the next call.
        """
        state = state_of(self.model, batch)
        if state != self._recorded_as and state == self._issued_as and self._may_record():
            self._record(batch)
            state = state_of(self.model, batch)
        if state == self._recorded_as:
            self._issued_as = None
            return self._replay(batch)
        loss = self._issue(batch)
        self._issued_as = state_of(self.model, batch)
        return loss

    def _may_record(self) -> bool:
        return not self._refused and (self._forced or are_known(list(self.model.modules())))

    def _issue(self, batch: Mapping[str, Any]) -> Tensor:
        self.model.zero_grad()
        return self._gradient(batch)

    def _replay(self, batch: Mapping[str, Any]) -> Tensor:
        for own, new in zip(tensors_of(self._batch), tensors_of(batch), strict=True):
            own.copy_(new, non_blocking=True)
        self._graph.replay()
        for parameter, gradient in self._gradients:
            parameter.grad = gradient
        return self._loss

    def _record(self, batch: Mapping[str, Any]) -> None:
        """Records a batch's gradient, unless a pass shows that this is impossible."""
        self._recorded_as, self._gradients, self._held = None, [], []
        self._graph = torch.cuda.CUDAGraph()  # the memory of the old one is free again
        device = next(self.model.parameters()).device
        self._batch = moved(dict(batch), device, copy=True)
        try:
            self._warm_up(device)
        except RuntimeError as error:  # it waits for the GPU, which a graph cannot
            if is_out_of_memory(error):
                raise
            self._refuse(error)
            return
        self.model.zero_grad()
        # The thread that pins the next batches may allocate meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode='thread_local'):
            self._loss = self._gradient(self._batch)
        self._gradients = [(p, p.grad) for p in self.model.parameters()]
        # What modules hold, such as a folded part, must live as long as the graph.
        held = [dict(vars(module)) for module in self.model.modules()]
        self._held = [held, list(self.model.buffers())]
        self._recorded_as = state_of(self.model, batch)

    def _warm_up(self, device: torch.device) -> None:
        """Makes some passes that leave the model and the random numbers as they were."""
        buffers = [(own, own._version, own.clone()) for own in self.model.buffers()]
        stream = torch.cuda.Stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        mode = torch.cuda.get_sync_debug_mode()
        try:
            with torch.random.fork_rng([device]), torch.cuda.stream(stream):
                for number in range(WARM_UP):
                    if number == WARM_UP - 1:
                        _on_waiting('error')
                    self._issue(self._batch)
        finally:
            _on_waiting(mode)
            torch.cuda.current_stream(device).wait_stream(stream)
            for own, version, before in buffers:
                if own._version != version:  # a frozen one must not seem to have changed
                    own.copy_(before)

    def _refuse(self, error: RuntimeError) -> None:
        self._refused = True
        what = f'the gradient cannot be recorded as a CUDA graph: {str(error).splitlines()[0]:.200}'
        if self._forced:
            raise InputError(f'{what}; set cuda_graph=False') from error
        getLogger('dbl').warning(f'{what}; every kernel is issued')


def _on_waiting(mode: int | str) -> None:
    """Sets what torch does where Python waits for the GPU, without its warning that this is new."""
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Synchronization debug mode')
        torch.cuda.set_sync_debug_mode(mode)


def state_of(model: nn.Module, batch: Mapping[str, Any]) -> list[Any]:
    """Notes what could change without the graph seeing it.

    These are the shapes of a batch; the type of each module, whether it is hooked, and the numbers,
    texts, and tensors that it holds under public names; which weights are trained; and whether
    those of a module in eval mode have changed, of which it may hold a folded copy.

    >>> layer = nn.Dropout(0.5)
    >>> before = state_of(layer, {})
    >>> layer.p = 0.1
    >>> state_of(layer, {}) == before
    False
    """
    state: list[Any] = [(own.shape, own.dtype) for own in tensors_of(batch)]
    for module in model.modules():  # at each step, so without the slower parameters() and buffers()
        weights = [*module._parameters.values(), *module._buffers.values()]
        state += [type(module), _is_hooked(module)]
        state += [_noted(own) for name, own in vars(module).items() if name[0] != '_']
        state += [_noted(own) for own in weights]
        if not module.training:
            state += [_version(own) for own in weights if own is not None]
    return state


def _noted(value: Any) -> Any:
    if type(value) in PLAIN:
        return value
    if isinstance(value, Tensor):
        return value.data_ptr(), value.requires_grad
    return [_noted(own) for own in value] if isinstance(value, (list, tuple)) else None


def _version(weight: Tensor) -> int | None:
    """Counts the changes of a weight in place, but not of one that is trained."""
    return None if weight.requires_grad or weight.is_inference() else weight._version


def tensors_of(batch: Any) -> list[Tensor]:
    """The tensors of a batch, and its arrays as tensors, in order, wherever they lie in it.

    >>> tensors_of({'images': torch.ones(1), 'draws': [torch.zeros(1).numpy()], 'img_path': ['a']})
    [tensor([1.]), tensor([0.])]
    """
    found: list[Tensor] = []
    mapped(batch, lambda own: found.append(torch.as_tensor(own)))
    return found


def can_be_recorded(experiment: TrainingExperiment) -> bool:
    """Whether a training's gradient is to be recorded.

    It is as the config says; with None, where each module and transform is known to do the same at
    each pass.
    """
    config = experiment.config
    if config.cuda_graph is not None:
        return config.cuda_graph
    parts = [*experiment.model.modules(), *experiment.train_loader.dataset.batch_pipeline]
    here = experiment.device.type == 'cuda' and not joined()
    return here and has_one_gradient(config) and are_known(parts)


def are_known(parts: Sequence[object]) -> bool:
    """Whether modules and transforms are of known packages, and have no hooks.

    >>> are_known([nn.ReLU()])
    True
    """
    return all(type(own).__module__.split('.')[0] in KNOWN and not _is_hooked(own) for own in parts)


def _is_hooked(part: object) -> bool:
    """Whether functions are called that a graph would leave out."""
    if not isinstance(part, nn.Module):
        return False
    hooked = any(getattr(own, '_backward_hooks', None) for own in part._parameters.values())
    return hooked or 'forward' in vars(part) or any(getattr(part, name) for name in HOOKS)
