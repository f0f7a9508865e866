import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from dbl.errors import InputError
from dbl.evaluation.average_precision import average_precision
from dbl.evaluation.f1 import f1_scores
from dbl.evaluation.group_means import group_means
from dbl.longtail import head_medium_tail
from dbl.registry import METRICS
from dbl.whole_file import whole_file


@METRICS.register_module()
class MultiLabelMetric(BaseMetric):
    """Mean average precision, total and by group, and F1, each between 0 and 1.

    Args:
        class_freq: Training images of each class, which decide its group.
        head: Classes with at least that many are head; the paper's text says over 100, that is 101.
        tail: Classes with fewer are tail.
        scores_file: Where to save ``images`` (paths, as in the annotations), ``logits`` and
            ``targets`` (N, C), as .npz.
    """

    default_prefix = ''

    def __init__(
        self,
        class_freq: Sequence[int],
        head: int = 100,
        tail: int = 20,
        scores_file: str | None = None,
    ) -> None:
        super().__init__()
        self.groups = head_medium_tail(class_freq, head, tail)
        self.scores_file = scores_file

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        logits = torch.stack([out['logits'] for out in data_samples]).cpu().numpy()
        batch = zip(data_batch['img_path'], logits, data_batch['targets'].numpy(), strict=True)
        self.results += batch

    def compute_metrics(self, results: list[tuple]) -> dict:
        """Computes ``mAP/<group>``, ``F1/micro`` and ``F1/macro``, and ``AP``, a dict by class."""
        images, logits, targets = map(np.array, zip(*results, strict=True))
        if not np.isfinite(logits).all():
            raise InputError(
                'the logits are not finite: the weights are of a training that has diverged; lower '
                'optim_wrapper.optimizer.lr and start anew'
            )
        if self.scores_file:
            path = Path(self.scores_file)
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part, part.open('wb') as file:
                np.savez_compressed(
                    file, images=images, logits=logits, targets=targets.astype(np.uint8)
                )
        ap = average_precision(logits, targets)
        classes = self.dataset_meta['classes']
        self._name_missing([c for c, value in zip(classes, ap, strict=True) if np.isnan(value)])
        means = {f'mAP/{group}': mean for group, mean in group_means(ap, self.groups).items()}
        f1 = {f'F1/{average}': value for average, value in f1_scores(logits, targets).items()}
        return {**means, **f1, 'AP': dict(zip(classes, ap.tolist(), strict=True))}

    @staticmethod
    def _name_missing(classes: list[str]) -> None:
        if classes:
            message = f'No test image shows {", ".join(classes)}: left out of the means.'
            print_log(message, 'current', logging.WARNING)
