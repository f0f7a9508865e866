import torch
from torch import Tensor


def at_least_float32(x: Tensor) -> Tensor:
    """Lifts half precision to float32, where the losses stay finite; keeps float64."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
