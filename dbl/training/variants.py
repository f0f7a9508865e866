"""Which images and weights metrics belong to, as the beginnings of their names say."""

import re
from collections.abc import Mapping

# Averaged weights, a selected epoch, the images for validation; in that order.
NAME = re.compile(r'((?:ema/)?(?:selected/)?(?:val/)?)((?:mAP|F1)/.+)')


def by_variant(metrics: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Sorts means by the beginnings of their names, and leaves out single classes.

    >>> by_variant({'mAP/total': 0.5, 'ema/val/mAP/total': 0.6, 'AP/cat': 0.4})
    {'': {'mAP/total': 0.5}, 'ema/val/': {'mAP/total': 0.6}}
    """
    found: dict[str, dict[str, float]] = {}
    for key, value in metrics.items():
        if match := NAME.fullmatch(key):
            found.setdefault(match[1], {})[match[2]] = value
    return found


def described(variant: str, epoch: float | None = None) -> list[str]:
    """Says in words which images metrics belong to, and which weights unless they are the last.

    >>> described('ema/val/'), described('selected/', epoch=5)
    (['val', 'ema'], ['test', 'epoch 5'])
    """
    selected = 'selected epoch' if epoch is None else f'epoch {epoch}'
    found = {'ema/': 'ema', 'selected/': selected}
    images = 'val' if variant.endswith('val/') else 'test'
    return [images, *(words for part, words in found.items() if part in variant)]
