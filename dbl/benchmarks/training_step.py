"""How long a training step of ResNet-50 takes, against a bare loop on torchvision's network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from dbl.benchmarks.alternating import alternate, compared
from dbl.config import load_config
from dbl.datasets.shapes import CLASSES
from dbl.experiment import build_experiment
from dbl.training.loop import gradient_of, training_step

# This goes on top of the demo's config, whose data is drawn. The steps get normalised images.
RESNET_50 = {
    'model.backbone': dict(type='ResNet', depth=50, frozen_stages=1, norm_eval=True),
}
# What a training does, then the folded frozen part alone and with each option.
VARIANTS: dict[str, dict[str, Any]] = {
    'dbl': dict(channels_last=True),
    'dbl, frozen part folded, no more': {},
    'the same, fused optimiser': dict(fused=True),
    'the same, bfloat16': dict(precision='bfloat16'),
    'the same, compiled': dict(compiled=True),
    'dbl, with all of them': dict(
        channels_last=True, fused=True, precision='bfloat16', compiled=True
    ),
}
GPU_VARIANTS: dict[str, dict[str, Any]] = {
    'dbl, as a CUDA graph': dict(channels_last=True, graph=True),
    'dbl, bfloat16': dict(channels_last=True, precision='bfloat16'),
    'dbl, bfloat16, as a CUDA graph': dict(channels_last=True, precision='bfloat16', graph=True),
    'dbl, with all of them, compiled to CUDA graphs': dict(
        channels_last=True,
        fused=True,
        precision='bfloat16',
        compiled=dict(mode='reduce-overhead'),
    ),
}


def bare_step(
    images: torch.Tensor, targets: torch.Tensor, half: bool = False
) -> Callable[[], None]:
    """A step as torch's tutorials write it: stem and first stage frozen, BatchNorm in eval mode.

    With ``half`` it runs in bfloat16, channels last.
    """
    net = torchvision.models.resnet50(num_classes=len(CLASSES)).to(images.device).train()
    net.to(memory_format=torch.channels_last if half else torch.contiguous_format)
    for module in (net.conv1, net.bn1, net.layer1):
        module.requires_grad_(False)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    trained = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.02, momentum=0.9, weight_decay=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast(images.device.type, torch.bfloat16, enabled=half):
            logits = net(images)
        F.binary_cross_entropy_with_logits(logits.float(), targets).backward()
        torch.nn.utils.clip_grad_norm_(trained, 35)
        optimizer.step()

    return step


def our_step(
    config: Path,
    images: torch.Tensor,
    targets: torch.Tensor,
    fused: bool = False,
    channels_last: bool = False,
    precision: Literal['float32', 'bfloat16', 'float16'] = 'float32',
    compiled: bool | dict[str, Any] = False,
    graph: bool = False,
) -> Callable[[], torch.Tensor]:
    """A step of ResNet-50 with a config's neck, head and optimiser, on the images' device."""
    options = {**RESNET_50, 'optimizer.fused': fused, 'precision': precision, 'compile': compiled}
    experiment = build_experiment(load_config(config, options), pretrained=False)
    experiment.device = images.device
    experiment.train_loader.dataset.batch_pipeline = ()  # the images are ready
    memory = torch.channels_last if channels_last else torch.contiguous_format
    images = images.to(memory_format=memory)
    experiment.model.to(images.device).to(memory_format=memory).train()
    scaler = torch.amp.GradScaler(images.device.type, enabled=False)
    batch = {'images': images, 'targets': targets}
    gradient = gradient_of(experiment, scaler) if graph else None
    return lambda: training_step(experiment, [batch], scaler, gradient)[0]


def measure_training_step(
    config: Path, batch: int = 32, size: int = 224, device: str = 'cpu', repetitions: int = 5
) -> list[dict]:
    """Measures steps on a batch of the given size, the bare loop first."""
    torch.manual_seed(0)
    images = torch.randn(batch, 3, size, size, device=device)
    targets = (torch.rand(batch, len(CLASSES), device=device) < 0.05).float()
    channels_last = images.to(memory_format=torch.channels_last)
    steps: dict[str, Callable[[], object]] = {
        'bare loop': bare_step(images, targets),
        'bare loop, bfloat16, channels last': bare_step(channels_last, targets, half=True),
    }
    for name, options in (VARIANTS | (GPU_VARIANTS if device == 'cuda' else {})).items():
        steps[name] = our_step(config, images, targets, **options)
    return compared(alternate(steps, repetitions, device), batch, 'images')
