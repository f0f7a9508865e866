import math
import re
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

# What metrics are of: averaged weights, a selected epoch, the images for validation; in that order.
NAME = re.compile(r'((?:ema/)?(?:selected/)?(?:val/)?)((?:mAP|F1)/.+)')


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


def described(variant: str, epoch: int | None = None) -> list[str]:
    """Says in words what metrics are of: the images, and the weights if they are not the last.

    >>> described('ema/val/'), described('selected/', epoch=5)
    (['val', 'ema'], ['test', 'epoch 5'])
    """
    selected = 'selected epoch' if epoch is None else f'epoch {epoch}'
    found = {'ema/': 'ema', 'selected/': selected}
    images = 'val' if variant.endswith('val/') else 'test'
    return [images, *(words for part, words in found.items() if part in variant)]


def metrics_table(metrics: Mapping[str, float], title: str, note: str = '') -> Table:
    """Lays out the group mAPs and F1, in percent, as a table for the terminal.

    Where there is more than the test set and the last weights, each line says what it is of, and
    ``mAP/`` is left to the title.
    """
    variants = by_variant(metrics)
    several = len(variants) > 1
    table = Table(title=Text(f'{title}: mAP' if several else title), title_justify='left')
    table.caption, table.caption_justify = Text(note) if note else None, 'left'
    for name in ('images', 'weights') if several else ():
        table.add_column(name)
    for name in next(iter(variants.values())):
        table.add_column(name.removeprefix('mAP/') if several else name, justify='right')
    for variant, means in variants.items():
        epoch = metrics.get(f'{variant.removesuffix("val/")}epoch')
        cells = ['-' if math.isnan(v) else f'{100 * v:.2f}' for v in means.values()]
        images, *weights = described(variant, epoch)
        of = [images, ', '.join(weights) or 'last epoch'] if several else []
        table.add_row(*of, *cells)
    return table
