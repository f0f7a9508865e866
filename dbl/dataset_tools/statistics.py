"""Tables of a data set's statistics for the terminal."""

from collections.abc import Mapping

import numpy as np
from rich.table import Table
from rich.text import Text

from dbl.datasets.annotations import Annotations
from dbl.longtail import (
    Pair,
    expected_draws,
    group_labels_per_image,
    labels_per_image,
    least_frequent_pairs,
    most_frequent_pairs,
    rank_correlation,
)

PAIRS = 10


def understanding(
    name: str, understood: Mapping[str, str], annotations: Annotations | None = None
) -> Text:
    """Lays out what label files were understood as; with annotations, also what they say."""
    lines = {**understood}
    if annotations is not None:
        freq = dict(zip(annotations.classes, annotations.class_freq, strict=True))
        most = sorted(freq.items(), key=lambda item: -item[1])
        shown = ', '.join(f"'{c}' {n}" for c, n in most[:10])
        more = f' and {len(most) - 10} more' if len(most) > 10 else ''
        lines['read'] = f'{len(annotations)} pictures, {len(freq)} classes: {shown}{more}'
    return Text('\n'.join([name, *(f'  {key}: {value}' for key, value in lines.items())]))


def summary_table(
    splits: Mapping[str, Annotations], groups: dict[str, list[int]], of: str = 'images'
) -> Table:
    """Lays out the splits, one per line, in a table ``of`` images or of something else."""
    sizes = ' / '.join(str(len(classes)) for classes in groups.values())
    rows = []
    for name, split in splits.items():
        freq, groups_cell = split.class_freq, sizes if name == 'train' else ''
        rows.append((name, len(split), sum(freq), len(freq), groups_cell, max(freq), min(freq)))
    columns = f'split, {of}, positives, classes, head / medium / tail, n max, n min'
    return _table(None, columns, rows)


def statistics_tables(
    splits: Mapping[str, Annotations], groups: dict[str, list[int]]
) -> list[Table]:
    """Lays out overall numbers, groups, classes, and the most and least frequent pairs."""
    train, test = splits['train'], splits['test']
    most = most_frequent_pairs(train.labels, PAIRS)
    least = least_frequent_pairs(train.labels, groups['head'], PAIRS)
    return [
        _overall(splits),
        _of_groups(train, test, groups),
        _of_classes(splits, groups),
        *([_of_pairs('classes that occur together most', train, most)] if most else []),
        *([_of_pairs('head classes that occur together least', train, least)] if least else []),
    ]


def _table(title: str | None, columns: str, rows: list[tuple]) -> Table:
    table = Table(title=title, title_justify='left')
    for number, name in enumerate(columns.split(', ')):
        table.add_column(name, justify='left' if number == 0 else 'right', overflow='fold')
    for row in rows:
        table.add_row(*(Text(_cell(x)) for x in row))
    return table


def _cell(value: object) -> str:
    if isinstance(value, float):
        return '-' if np.isnan(value) else f'{value:.2f}'
    return str(value)


def _overall(splits: Mapping[str, Annotations]) -> Table:
    rows = []
    for name, split in splits.items():
        counts, freq = split.labels.sum(axis=1), split.class_freq
        imbalance = max(freq) / min(freq) if min(freq) else np.inf if max(freq) else np.nan
        rows.append(
            (name, len(split), float(counts.mean()), int(counts.max()), int((counts == 0).sum()))
            + (max(freq), min(freq), float(imbalance))
        )
    correlation = rank_correlation(splits['train'].class_freq, splits['test'].class_freq)
    title = "rank correlation of the classes' frequencies in training and test: "
    title += 'none' if np.isnan(correlation) else f'{correlation:.2f}'
    columns = 'split, images, labels per image, most, without labels, n max, n min, imbalance'
    return _table(title, columns, rows)


def _of_groups(train: Annotations, test: Annotations, groups: dict[str, list[int]]) -> Table:
    freq, test_freq = np.array(train.class_freq), np.array(test.class_freq)
    rows = [
        (group, len(c), freq[c].sum(), test_freq[c].sum(), group_labels_per_image(train.labels, c))
        for group, c in groups.items()
    ]
    return _table(
        'groups', 'group, classes, train positives, test positives, labels per image', rows
    )


def _of_classes(splits: Mapping[str, Annotations], groups: dict[str, list[int]]) -> Table:
    train = splits['train']
    group_of = {c: group for group, classes in groups.items() for c in classes}
    draws = expected_draws(train.labels)
    means = labels_per_image(train.labels)
    order = np.argsort(-np.array(train.class_freq), kind='stable')
    rows = [
        (train.classes[c], group_of[c], *(split.class_freq[c] for split in splits.values()))
        + (float(means[c]), round(draws[c]))
        for c in order.tolist()
    ]
    columns = f'class, group, {", ".join(splits)}, labels per image, draws of a class-aware epoch'
    return _table('classes', columns, rows)


def _of_pairs(title: str, train: Annotations, pairs: list[Pair]) -> Table:
    rows = [
        (train.classes[p.given], train.class_freq[p.given], train.classes[p.other], p.share)
        for p in pairs
    ]
    return _table(title, 'images of, there are, also show, share', rows)
