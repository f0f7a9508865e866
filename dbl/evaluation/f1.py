import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import f1_score


def f1_scores(logits: ArrayLike, targets: ArrayLike) -> dict[str, float]:
    """Micro and macro F1 where a logit above 0 says "present", as the released code reports them.

    A class that is neither shown nor predicted has F1 0.

    Shape:
        - logits: (N, C); targets: (N, C), multi-hot.
    """
    targets, present = np.asarray(targets) > 0, np.asarray(logits) > 0
    return {
        average: float(f1_score(targets, present, average=average, zero_division=0))
        for average in ('micro', 'macro')
    }
