"""The best epoch by validation, and how long ago that was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from torch import Tensor, nn


@dataclass
class Selection:
    """The epoch with the highest measure, such as mAP, on the images for validation.

    Among equal ones, the earliest epoch stays.

    Attributes:
        by: Name of the measure.
        epoch: The best so far, 0 before the first evaluation.
        value: Its measure.
        since: Evaluations since then.
        weights: Its weights, on the CPU.
    """

    by: str = 'mAP/total'
    epoch: int = 0
    value: float = -inf
    since: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def add(self, epoch: int, value: float, model: nn.Module) -> bool:
        """Notes what an epoch's evaluation gave, and says whether it is the best so far."""
        if not value > self.value:
            self.since += 1
            return False
        self.epoch, self.value, self.since = epoch, value, 0
        self.weights = {
            name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()
        }
        return True

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return dict(vars(self))

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what :meth:`state` gave.

        Raises:
            ValueError: It is not such a state.
        """
        kinds = {name: type(value) for name, value in vars(self).items()}
        if {name: type(value) for name, value in state.items()} != kinds:
            raise ValueError(f'a selection has {", ".join(kinds)}, each of its kind')
        vars(self).update(state)
