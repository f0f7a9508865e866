"""Figures that need only a config's training labels."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import Module

from dbl.analysis.class_axis import mark_groups, wide_figure
from dbl.analysis.class_balance import compute_class_balance, plot_class_balance
from dbl.analysis.class_distribution import compute_class_distribution, plot_class_distribution
from dbl.analysis.conditional_probability import (
    compute_conditional_probability,
    plot_conditional_probability,
)
from dbl.analysis.negative_gradient import compute_negative_gradients, plot_negative_gradients
from dbl.analysis.sampling_variance import compute_sampling_variance, plot_sampling_variance
from dbl.datasets import Annotations
from dbl.errors import InputError
from dbl.longtail import head_medium_tail
from dbl.losses.distribution_balanced import DistributionBalancedLoss, class_bias
from dbl.registry import MODELS, SAMPLERS, build, registered
from dbl.samplers.class_aware import ClassAwareSampler
from dbl.sources import train_and_val


def sampling(config: Mapping[str, Any]) -> dict[str, Figure]:
    """Draws Figures 2 and 5 and the effect of the re-balanced weight. Returns them by name.

    Raises:
        InputError: The config has no class-aware sampler.
    """
    train, metric = train_and_val(config)[0].annotations, config['metric']
    limits = {key: metric[key] for key in ('head', 'tail') if key in metric}
    groups = head_medium_tail(train.class_freq, **limits)
    distribution = compute_class_distribution(train.labels, class_aware_plan(config, train))
    variance = compute_sampling_variance(train.labels)
    figures = {
        'class_distribution': by_class(plot_class_distribution, distribution, train, groups),
        'sampling_variance': by_class(plot_sampling_variance, variance, train, groups),
        'conditional_probability': heat_map(train),
    }
    # Build no other loss: one that is registered elsewhere may be unknown here.
    balanced = config['model']['head']['loss']['type'] == DistributionBalancedLoss.__name__
    loss = loss_of(config, train) if balanced else None
    if isinstance(loss, DistributionBalancedLoss) and loss.rebalance:
        balance = compute_class_balance(train.labels, loss.alpha, loss.beta, loss.mu)
        figures['class_balance'] = by_class(plot_class_balance, balance, train, groups)
    return figures


def loss_of(config: Mapping[str, Any], train: Annotations) -> Module:
    """Builds the config's loss from the statistics of the training set."""
    statistics = {'class_freq': train.class_freq, 'num_images': len(train)}
    return build(MODELS, 'model.head.loss', config['model']['head']['loss'], statistics)


def by_class(plot: Callable, computed, train: Annotations, groups: dict) -> Figure:
    figure, (axes,) = wide_figure(len(train.class_freq))
    plot(axes, computed, train.classes)
    mark_groups(axes, computed.classes, groups)
    return figure


def heat_map(train: Annotations) -> Figure:
    side = min(14, max(6, 0.15 * len(train.classes)))
    figure = Figure(figsize=(1.1 * side, side), layout='compressed')
    computed = compute_conditional_probability(train.labels)
    plot_conditional_probability(figure.subplots(), computed, train.classes)
    return figure


def class_aware_plan(config: Mapping[str, Any], train: Annotations) -> np.ndarray:
    """The plan of the config's first epoch."""
    key, part = 'train_dataloader.sampler', config['train_dataloader']['sampler']
    maker = registered(SAMPLERS, key, part)  # it may be a function
    if not (isinstance(maker, type) and issubclass(maker, ClassAwareSampler)):
        raise InputError(
            f'{key} is {part["type"]}, but the figures show what ClassAwareSampler does; '
            'choose a config with re-sampling, such as demo/db'
        )
    given = {'labels': train.labels, 'seed': config.get('seed', 0)}
    return build(SAMPLERS, key, part, given).plan(epoch=0)


def gradients(config: Mapping[str, Any]) -> dict[str, Figure]:
    """Draws Figure 3, for the most frequent, the middle and the least frequent class.

    Raises:
        InputError: The config has no Distribution-Balanced loss.
    """
    train = train_and_val(config)[0].annotations
    loss = loss_of(config, train)
    if not isinstance(loss, DistributionBalancedLoss):
        raise InputError(
            f'model.head.loss is {type(loss).__name__}, which has no lam and nu; choose a '
            'config with DistributionBalancedLoss, such as demo/db'
        )
    nu, labels = class_biases(loss, train.classes)
    computed = compute_negative_gradients(np.linspace(-6, 6, 481), nu, loss.lam)
    figure = Figure(figsize=(12, 5), layout='constrained')
    left, right = figure.subplots(1, 2)
    plot_negative_gradients(left, computed, labels)
    plot_negative_gradients(right, computed, labels, scale='log')
    handles = right.get_legend_handles_labels()
    figure.legend(*handles, loc='outside lower center', ncols=2, frameon=False)
    return {'negative_gradients': figure}


def class_biases(loss: DistributionBalancedLoss, names: list[str]) -> tuple[Tensor, list[str]]:
    """The class biases as the loss applies them, and a label for each."""
    order = loss.class_freq.argsort(descending=True, stable=True)
    classes = order[[0, len(order) // 2, -1]].tolist()
    nu = class_bias(loss.class_freq[classes].double(), loss.num_images, loss.nu_scale)
    shifts = [f'λ={loss.lam:g}, shift {bias:.3f}' for bias in nu.tolist()]
    # Matplotlib would read the text between two bare dollar signs as a formula.
    shown = [f'{names[c]}, n={loss.class_freq[c]}'.replace('$', r'\$') for c in classes]
    return nu, [f'NT-BCE, {s} ({c})' for s, c in zip(shifts, shown, strict=True)]
