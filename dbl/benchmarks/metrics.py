"""How long average precision takes, against scikit-learn's."""

import numpy as np
from sklearn.metrics import average_precision_score

from dbl.benchmarks.alternating import alternate, compared
from dbl.evaluation import average_precision

SIZES = [(5_000, 80), (40_000, 1_000)]


def measure_average_precision(size: tuple[int, int], repetitions: int = 5) -> list[dict]:
    """Measures one size, (images, classes), at about three labels per image.

    Both must agree.
    """
    generator = np.random.default_rng(0)
    targets = generator.random(size) < 3 / size[1]
    targets[0] = True
    scores = (generator.normal(0, 1, size) + 2 * targets).astype(np.float32)
    functions = {
        'scikit-learn': lambda: average_precision_score(targets, scores, average=None),
        'dbl': lambda: average_precision(scores, targets),
    }
    results = [function() for function in functions.values()]
    difference = float(np.abs(results[0] - results[1]).max())
    rows = compared(alternate(functions, repetitions), size[1], 'classes')
    shape = {'images': size[0], 'classes': size[1]}
    return [{**shape, **row, 'largest difference': difference} for row in rows]
