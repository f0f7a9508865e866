"""A batch's gradient as a CUDA graph.

A step of ResNet-50 is some 800 kernels. Python takes longer to issue them than a GPU to run them;
so they are recorded once, and replayed for each batch.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from dbl.datasets.multi_label import moved
from dbl.experiment import TrainingExperiment
from dbl.settings import one_gradient
from dbl.training.distributed import joined

WARM_UP = 3  # passes before recording, in which cuDNN chooses its algorithms
# Their modules do the same at each pass. Another's might not, and toss a coin in Python, say.
KNOWN = {'dbl', 'timm', 'torch', 'torchvision'}


class GradientGraph:
    """Gives the gradients of batches, from a graph that is recorded once.

    A graph holds the addresses and numbers that it was recorded with. So it is recorded anew when
    the shapes of the batch have changed, or anything in the model that a graph can miss: a mode, a
    number that a module holds, such as the loss's, a hook, or a weight that is not trained.

    Args:
        model: The model, on a GPU.
        gradient: Adds a batch's gradient to the parameters', and returns its loss.
    """

    def __init__(self, model: nn.Module, gradient: Callable[[Mapping[str, Any]], Tensor]) -> None:
        self.model, self._gradient = model, gradient
        self._recorded_of: list[Any] | None = None

    def __call__(self, batch: Mapping[str, Any]) -> Tensor:
        """Sets the parameters' gradients to a batch's, and returns its loss, still on the device.

        Both are overwritten by the next call.
        """
        if self._recorded_of != state_of(self.model, batch):
            self._record(batch)
            self._recorded_of = state_of(self.model, batch)
        for own, new in zip(tensors_of(self._batch), tensors_of(batch), strict=True):
            own.copy_(new, non_blocking=True)
        self._graph.replay()
        for parameter, gradient in self._gradients:
            parameter.grad = gradient
        return self._loss

    def _record(self, batch: Mapping[str, Any]) -> None:
        device = next(self.model.parameters()).device
        self._batch = moved(dict(batch), device)
        self._warm_up(device)
        self._graph = torch.cuda.CUDAGraph()
        self.model.zero_grad()
        # The thread that pins the next batches may allocate meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode='thread_local'):
            self._loss = self._gradient(self._batch)
        self._gradients = [(p, p.grad) for p in self.model.parameters()]
        # What modules hold besides weights, such as a folded part, must live as long as the graph.
        self._held = [dict(vars(module)) for module in self.model.modules()]

    def _warm_up(self, device: torch.device) -> None:
        """Makes some passes that leave the model and the random numbers as they were."""
        buffers = [(buffer, buffer.clone()) for buffer in self.model.buffers()]
        stream = torch.cuda.Stream(device)
        stream.wait_stream(torch.cuda.current_stream(device))
        with torch.random.fork_rng([device]), torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self.model.zero_grad()
                self._gradient(self._batch)
        torch.cuda.current_stream(device).wait_stream(stream)
        for buffer, before in buffers:
            buffer.copy_(before)


def state_of(model: nn.Module, batch: Mapping[str, Any]) -> list[Any]:
    """Everything that a graph was recorded with and does not notice the change of.

    >>> layer = nn.Dropout(0.5)
    >>> before = state_of(layer, {})
    >>> layer.p = 0.1
    >>> state_of(layer, {}) == before
    False
    """
    state: list[Any] = [(own.shape, own.dtype) for own in tensors_of(batch)]
    for module in model.modules():
        values = vars(module).values()
        state.append([own for own in values if isinstance(own, (bool, int, float, str))])
        state.append(len(module._forward_hooks) + len(module._forward_pre_hooks))
    for own in (*model.parameters(), *model.buffers()):
        version = 0 if own.is_inference() else own._version
        state.append((own.data_ptr(), own.requires_grad or version))
    return state


def tensors_of(batch: Any) -> list[Tensor]:
    """The tensors of a batch, in order, in whatever tuples, lists, or dicts they lie."""
    if isinstance(batch, Tensor):
        return [batch]
    parts = batch.values() if isinstance(batch, Mapping) else batch
    if not isinstance(batch, (Mapping, list, tuple)):
        return []
    return [own for part in parts for own in tensors_of(part)]


def can_be_recorded(experiment: TrainingExperiment) -> bool:
    """Whether a training's gradient is to be replayed: if its config says so, or as far as known.

    It is not known of a user's own modules and transforms, nor of transformers.
    """
    config = experiment.config
    if config.cuda_graph is not None:
        return config.cuda_graph
    parts = (*experiment.model.modules(), *experiment.train_loader.dataset.batch_pipeline)
    known = all(type(part).__module__.split('.')[0] in KNOWN for part in parts)
    here = experiment.device.type == 'cuda' and not joined()
    return here and one_gradient(config) and known
