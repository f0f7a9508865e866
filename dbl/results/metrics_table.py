import math
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from dbl.training.variants import by_variant, described


def metrics_table(metrics: Mapping[str, float], title: str, note: str = '') -> Table:
    """Lays out the group mAPs and F1, in percent, as a table for the terminal.

    If there is more than the test set and the last weights, each line says which images and weights
    it shows, and ``mAP/`` moves to the title.
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
