"""How much time and memory the work on labels takes for large sets."""

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array

from dbl.benchmarks.own_process import in_own_process
from dbl.errors import InputError
from dbl.longtail import co_occurrence, head_medium_tail, head_to_tail_subset, pareto_counts
from dbl.samplers import ClassAwareSampler


def made_labels(
    num_images: int, num_classes: int, labels_per_image: int, seed: int = 0
) -> csr_array:
    """Makes sparse labels, (N, C): as many on each image, with class shares that fall as 1 / k."""
    if not 1 <= labels_per_image <= num_classes:
        raise InputError(
            f'expected 1 to {num_classes} labels per image, at most one of each class, but got '
            f'{labels_per_image}'
        )
    rng = np.random.default_rng(seed)
    cumulative = np.cumsum(1 / np.arange(1, num_classes + 1))

    def draw(*shape: int) -> np.ndarray:
        return np.searchsorted(cumulative, rng.random(shape) * cumulative[-1], side='right')

    indices = np.sort(draw(num_images, labels_per_image))
    while (same := indices[:, 1:] == indices[:, :-1]).any():
        indices[:, 1:][same] = draw(same.sum())
        indices.sort()
    indptr = np.arange(num_images + 1) * labels_per_image
    ones = np.ones(indices.size, dtype=np.int64)
    return csr_array((ones, indices.ravel(), indptr), shape=(num_images, num_classes))


def label_work(num_images: int, num_classes: int, labels_per_image: int) -> dict[str, float]:
    """Seconds that each piece of work on generated labels takes.

    The subset starts from a tenth of the largest class. The epoch is the first one.
    """
    labels = made_labels(num_images, num_classes, labels_per_image)
    class_freq = labels.sum(axis=0)
    counts = pareto_counts(num_classes, max(1, class_freq.max() // 10))
    work = {
        'co-occurrence': lambda: co_occurrence(labels),
        'subset': lambda: head_to_tail_subset(labels, counts),
        'groups': lambda: head_medium_tail(labels.sum(axis=0).tolist()),
        'epoch': lambda: ClassAwareSampler(labels, draws_per_class=50).plan(0),
    }
    return {name: _seconds(function) for name, function in work.items()}


def _seconds(function: Callable[[], object]) -> float:
    start = perf_counter()
    function()
    return perf_counter() - start


def measure_label_scale(
    sizes: Sequence[int], num_classes: int, labels_per_image: int
) -> list[dict[str, float]]:
    """Measures :func:`label_work` for each number of images, each in a process of its own.

    Returns:
        For each size: ``images``, the seconds of each piece of work and ``in all``, and
        ``peak GB``.
    """
    rows = []
    for size in sizes:
        seconds, peak = in_own_process(label_work, size, num_classes, labels_per_image)
        row = {'images': size, **seconds, 'in all': sum(seconds.values()), 'peak GB': peak}
        rows.append(row)
    return rows


def growth(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    """Fits the exponent a of ``time ~ images^a`` by least squares over the sizes. Linear is 1."""
    keys = [key for key in rows[0] if key != 'images']
    images = np.log([row['images'] for row in rows])
    return {key: float(np.polyfit(images, np.log([r[key] for r in rows]), 1)[0]) for key in keys}
