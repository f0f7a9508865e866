import math
import re
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

# What metrics are of: averaged weights, a selected epoch, the images for validation; in that order.
NAME = re.compile(r'((?:ema/)?(?:selected/)?(?:val/)?)((?:mAP|F1)/.+)')
WORDS = {'ema/': 'averaged weights', 'selected/': 'epoch {epoch}, selected', 'val/': 'validation'}


def by_variant(metrics: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Sorts means by what they are of, which their names begin with; classes are left out.

    >>> by_variant({'mAP/total': 0.5, 'ema/val/mAP/total': 0.6, 'AP/cat': 0.4})
    {'': {'mAP/total': 0.5}, 'ema/val/': {'mAP/total': 0.6}}
    """
    found: dict[str, dict[str, float]] = {}
    for key, value in metrics.items():
        if match := NAME.fullmatch(key):
            found.setdefault(match[1], {})[match[2]] = value
    return found


def described(variant: str, epoch: int | None = None) -> str:
    """Says in words what metrics are of.

    >>> described('ema/val/'), described('selected/', 5), described('')
    ('validation, averaged weights', 'test set, epoch 5, selected', 'test set')
    """
    images = 'validation' if variant.endswith('val/') else 'test set'
    parts = [WORDS[part] for part in ('ema/', 'selected/') if part in variant]
    text = ', '.join([images, *parts])
    return (
        text.format(epoch=epoch)
        if epoch
        else text.replace('epoch {epoch}, selected', 'selected epoch')
    )


def metrics_table(metrics: Mapping[str, float], title: str) -> Table:
    """Lays out the group mAPs and F1, in percent, as a table for the terminal.

    Where there is more than the test set and the last weights, each line says what it is of.
    """
    variants = by_variant(metrics)
    table = Table(title=Text(title), title_justify='left')
    if len(variants) > 1:
        table.add_column('of')
    for name in next(iter(variants.values())):
        table.add_column(name, justify='right')
    for variant, means in variants.items():
        epoch = metrics.get(f'{variant.removesuffix("val/")}epoch')
        cells = ['-' if math.isnan(v) else f'{100 * v:.2f}' for v in means.values()]
        table.add_row(*([described(variant, epoch)] if len(variants) > 1 else []), *cells)
    return table
