"""Tables 1 and 2 of Wu et al. (ECCV 2020): mAP in percent, by data set and row."""

from collections.abc import Iterable
from typing import NamedTuple


class MeanAP(NamedTuple):
    """Mean average precision in percent, over all classes and those of each group."""

    total: float
    head: float
    medium: float
    tail: float


NAMES = {
    'erm': 'ERM',
    'rw': 'RW',
    'focal': 'Focal',
    'rs': 'RS',
    'rs_focal': 'RS-Focal',
    'ml_gcn': 'ML-GCN',
    'ldam': 'LDAM',
    'cb_focal': 'CB-Focal',
    'r_bce': 'R-BCE',
    'r_bce_focal': 'R-BCE-Focal',
    # Rows of Huang et al. on texts; DB is one of theirs, too.
    'bce': 'BCE',
    'fl': 'FL',
    'cb': 'CB',
    'r_fl': 'R-FL',
    'ntr_fl': 'NTR-FL',
    'db_0fl': 'DB-0FL',
    'cb_ntr': 'CB-NTR',
    'db': 'DB',
    'db_focal': 'DB-Focal',
    'rs_rw_focal': 'RS+RW-Focal',
    'rs_cb_focal': 'RS+CB-Focal',
}
PAPER = {
    'voc_mlt': {
        'erm': MeanAP(70.86, 68.91, 80.20, 65.31),
        'rw': MeanAP(74.70, 67.58, 82.81, 73.96),
        'focal': MeanAP(73.88, 69.41, 81.43, 71.56),
        'rs': MeanAP(75.38, 70.95, 82.94, 73.05),
        'rs_focal': MeanAP(76.45, 72.05, 83.42, 74.52),
        'ml_gcn': MeanAP(68.92, 70.14, 76.41, 62.39),
        'ldam': MeanAP(70.73, 68.73, 80.38, 69.09),
        'cb_focal': MeanAP(75.24, 70.30, 83.53, 72.74),
        'r_bce': MeanAP(76.34, 71.40, 82.76, 75.22),
        'r_bce_focal': MeanAP(77.39, 72.44, 83.16, 76.77),
        'db': MeanAP(78.65, 73.16, 84.11, 78.66),
        'db_focal': MeanAP(78.94, 73.22, 84.18, 79.30),
        'rs_rw_focal': MeanAP(71.96, 63.14, 81.09, 71.73),
        'rs_cb_focal': MeanAP(75.24, 70.30, 83.53, 72.74),
    },
    'coco_mlt': {
        'erm': MeanAP(41.27, 48.48, 49.06, 24.25),
        'rw': MeanAP(42.27, 48.62, 45.80, 32.02),
        'focal': MeanAP(49.46, 49.80, 54.77, 42.14),
        'rs': MeanAP(46.97, 47.58, 50.55, 41.70),
        'rs_focal': MeanAP(51.14, 48.90, 54.79, 48.30),
        'ml_gcn': MeanAP(44.24, 44.04, 48.36, 38.96),
        'ldam': MeanAP(40.53, 48.77, 48.38, 22.92),
        'cb_focal': MeanAP(49.06, 47.91, 53.01, 44.85),
        'r_bce': MeanAP(49.43, 48.77, 53.00, 45.33),
        'r_bce_focal': MeanAP(52.75, 50.20, 56.52, 50.02),
        'db': MeanAP(52.53, 50.25, 56.33, 49.54),
        'db_focal': MeanAP(53.55, 51.13, 57.05, 51.06),
        'rs_rw_focal': MeanAP(49.07, 47.80, 52.09, 46.20),
        'rs_cb_focal': MeanAP(50.07, 48.45, 54.03, 48.28),
    },
}
# What the groups imply, where the printed total is not their mean, weighted by their classes.
ERRATA = {
    ('voc_mlt', 'ldam'): 72.37,
    ('coco_mlt', 'erm'): 41.15,
    ('coco_mlt', 'rs_cb_focal'): 50.70,
}


def in_order(rows: Iterable[str]) -> list[str]:
    """Sorts distinct rows in the order of Table 1, with other rows after them."""
    rows = set(rows)
    return [row for row in NAMES if row in rows] + sorted(rows - NAMES.keys())
