import math
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text


def metrics_table(metrics: Mapping[str, float], title: str) -> Table:
    """Lays out the group mAPs and F1, in percent, as a table for the terminal."""
    shown = {k: v for k, v in metrics.items() if not k.startswith('AP/')}
    table = Table(title=Text(title), title_justify='left')
    for name in shown:
        table.add_column(name, justify='right')
    table.add_row(*('-' if math.isnan(v) else f'{100 * v:.2f}' for v in shown.values()))
    return table
