import numpy as np
from numpy.typing import ArrayLike


def f1_scores(logits: ArrayLike, targets: ArrayLike) -> dict[str, float]:
    """Micro and macro F1 where a logit above 0 says "present", as the released code reports them.

    A class that is neither shown nor predicted has F1 0.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.
    """
    targets, present = np.asarray(targets) > 0, np.asarray(logits) > 0
    hits = (targets & present).sum(axis=0)
    shown_and_predicted = targets.sum(axis=0) + present.sum(axis=0)
    return {
        'micro': float(2 * hits.sum() / max(shown_and_predicted.sum(), 1)),
        'macro': float((2 * hits / np.maximum(shown_and_predicted, 1)).mean()),
    }
