"""How long forward and backward passes of DB-Focal take, against binary cross entropy."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dbl.benchmarks.alternating import alternate, compared
from dbl.losses import BCELoss, DistributionBalancedLoss

SIZES = [(32, 80), (1024, 80), (16384, 1000)]


class PlainDBFocal(nn.Module):
    """DB-Focal written out term by term, as one would first write it."""

    freq: Tensor
    nu: Tensor

    def __init__(self, class_freq: Tensor, num_images: int) -> None:
        super().__init__()
        self.register_buffer('freq', class_freq.float())
        self.register_buffer('nu', 0.05 * torch.log(num_images / self.freq - 1) / 2)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        repeats = (targets / self.freq).sum(dim=1, keepdim=True)
        weight = 0.1 + torch.sigmoid(10 * (1 / self.freq / repeats - 0.2))
        shifted = logits - self.nu
        positive = (1 - torch.sigmoid(shifted)) ** 2 * torch.log(1 + torch.exp(-shifted))
        negative = torch.sigmoid(2 * shifted) ** 2 * torch.log(1 + torch.exp(2 * shifted)) / 2
        return 2 * (weight * (targets * positive + (1 - targets) * negative)).mean()


def measure_losses(size: tuple[int, int], device: str, repetitions: int = 15) -> list[dict]:
    """Measures forward and backward passes of one size, (images, classes)."""
    torch.manual_seed(0)
    images, classes = size
    class_freq = torch.randint(5, 1000, (classes,))
    targets = (torch.rand(size) < 4 / classes).float().to(device)
    targets[:, 0] = 1
    logits = torch.randn(size, device=device, requires_grad=True)
    ours = DistributionBalancedLoss(class_freq, 2000).to(device)
    losses: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        'binary cross entropy': BCELoss(),
        'DB-Focal': ours,
        'DB-Focal, compiled': torch.compile(ours),
        'DB-Focal, plain formula': PlainDBFocal(class_freq, 2000).to(device),
    }
    calls = max(1, 2_000_000 // (images * classes))
    functions = {name: _passes(loss, logits, targets, calls) for name, loss in losses.items()}
    rows = compared(alternate(functions, repetitions, device), calls, 'passes')
    return [{'images': images, 'classes': classes, **row} for row in rows]


def _passes(
    loss: Callable[[Tensor, Tensor], Tensor], logits: Tensor, targets: Tensor, calls: int
) -> Callable[[], None]:
    def run() -> None:
        for _ in range(calls):
            logits.grad = None
            loss(logits, targets).backward()

    return run
