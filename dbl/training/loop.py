"""The training loop: rate, loss, clip, step, log, save."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, get_total_norm

from dbl.experiment import TrainingExperiment
from dbl.training.cuda_graph import GradientGraph, can_be_recorded
from dbl.training.distributed import by_main
from dbl.training.progress import Progress
from dbl.training.run_folder import RunFolder

Hook = Callable[[TrainingExperiment, int], None]


def train(
    experiment: TrainingExperiment,
    run: RunFolder | str | Path,
    after_step: Sequence[Hook] = (),
    after_epoch: Sequence[Hook] = (),
) -> dict[str, float]:
    """Trains an experiment, from where the run in the folder stands, and evaluates its last epoch.

    Args:
        experiment: From :func:`~dbl.experiment.build_experiment`.
        run: The run's folder, held; or a path, where a new run is started.
        after_step: Called as ``function(experiment, iteration)`` after each optimiser step.
        after_epoch: Called likewise after each epoch, before it may be saved.

    Returns:
        The metrics of the last epoch, as ``metrics.json`` has them.

    Raises:
        InputError: The experiment was built for a test or is trained already, or the run cannot go
            on with it or has diverged.
        SystemExit: A signal asked to stop; the run is saved, and the status is 75.
    """
    if not isinstance(run, RunFolder):
        with RunFolder(run, by_main=by_main) as held:
            return train(experiment, held, after_step, after_epoch)
    with Progress(experiment, run) as progress:
        gradient = gradient_of(experiment, progress.scaler)
        if progress.iteration and not progress.done_of_epoch:
            progress.evaluate_if_due()  # the run was stopped before this was done
        while not progress.done:
            for batches in progress.steps():
                rates = set_rates(experiment, progress.iteration)
                loss, norm = training_step(experiment, batches, progress.scaler, gradient)
                progress.step_done(batches, loss, norm, rates)
                for function in after_step:
                    function(experiment, progress.iteration)
                progress.save_if_due()
            progress.even_out_statistics()
            for function in after_epoch:
                function(experiment, progress.iteration)
            progress.save_epoch()
            progress.evaluate_if_due()
    return progress.evaluations.metrics


def set_rates(experiment: TrainingExperiment, iteration: int) -> dict[str, float]:
    """Sets the learning rates of an iteration, and returns them by name."""
    rates = experiment.rates(iteration)
    for group, rate in zip(experiment.optimizer.param_groups, rates, strict=True):
        group['lr'] = rate
    apart = {} if experiment.config.backbone_lr is None else {'backbone_lr': rates[0]}
    return {'lr': rates[-1], **apart}


def gradient_of(
    experiment: TrainingExperiment, scaler: torch.amp.GradScaler
) -> GradientGraph | None:
    """Makes what gives a batch's gradient from a CUDA graph, if that is possible."""
    if not can_be_recorded(experiment):
        return None
    return GradientGraph(
        experiment.model,
        lambda batch: add_gradient(experiment, batch, scaler, 1),
        forced=experiment.config.cuda_graph is True,
    )


def training_step(
    experiment: TrainingExperiment,
    batches: Sequence[Mapping[str, Any]],
    scaler: torch.amp.GradScaler,
    gradient: GradientGraph | None = None,
) -> tuple[Tensor, Tensor]:
    """Takes one step of the optimiser, along the gradient of all its batches.

    Returns:
        The loss, and the gradient's norm before it is clipped, both still on the device.
    """
    if gradient is None:
        loss = add_gradients(experiment, batches, scaler)
    else:
        loss = gradient(*batches).clone()
    scaler.unscale_(experiment.optimizer)
    norm = clip_gradient(experiment.model, experiment.config.clip_norm)
    scaler.step(experiment.optimizer)
    scaler.update()
    return loss, norm


def add_gradients(
    experiment: TrainingExperiment,
    batches: Sequence[Mapping[str, Any]],
    scaler: torch.amp.GradScaler,
) -> Tensor:
    """Sets the gradient to that of all batches of a step, and returns their loss."""
    experiment.optimizer.zero_grad()
    *others, last = batches
    with getattr(experiment.network, 'no_sync', nullcontext)():  # only the last pass is shared
        losses = [add_gradient(experiment, batch, scaler, len(batches)) for batch in others]
    losses.append(add_gradient(experiment, last, scaler, len(batches)))
    return torch.stack(losses).sum()


def add_gradient(
    experiment: TrainingExperiment,
    batch: Mapping[str, Any],
    scaler: torch.amp.GradScaler,
    batches: int,
) -> Tensor:
    """Adds a batch's share of a step's gradient, and returns its share of the loss."""
    images = experiment.train_loader.dataset.prepare(batch, experiment.device)
    targets = batch['targets'].to(experiment.device, non_blocking=True)
    with autocast(experiment):
        logits = experiment.network(images)
    loss = experiment.model.head.loss(logits, targets)
    if getattr(experiment.model.head.loss, 'reduction', 'mean') == 'mean':
        loss = loss / batches
    scaler.scale(loss).backward()
    return loss.detach()


def autocast(experiment: TrainingExperiment) -> torch.autocast:
    """Sets the config's precision for a forward pass. Weights and loss stay in float32."""
    precision = experiment.config.precision
    dtype = torch.float16 if precision == 'float16' else torch.bfloat16
    return torch.autocast(experiment.device.type, dtype, enabled=precision != 'float32')


def clip_gradient(model: nn.Module, most: float | None) -> Tensor:
    """Clips the gradient's L2 norm, unless ``most`` is None, and returns what it was before."""
    parameters = list(model.parameters())
    if most is None:
        return get_total_norm([own.grad for own in parameters if own.grad is not None])
    return clip_grad_norm_(parameters, most)
