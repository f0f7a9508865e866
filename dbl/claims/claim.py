"""What the papers claim about their rows."""

from typing import Literal, NamedTuple

Measure = Literal['map', 'f1']


class Claim(NamedTuple):
    """A claim: one row beats another in a group, or loses to it, or stays below a value.

    Attributes:
        text: The claim, in words.
        row: The row, such as ``'rs'``.
        other: The row that it is compared with, or None for the best of all others.
        group: The group of classes, or ``'total'``.
        sign: 1 if the row should be better, -1 if it should be worse.
        without: Rows that are not among "all others".
        below: What the row alone should stay below, in points; then there is no other.
    """

    text: str
    row: str
    other: str | None
    group: str
    sign: int = 1
    without: tuple[str, ...] = ()
    below: float | None = None


# Of Wu et al. (ECCV 2020), in mAP.
CLAIMS = (
    Claim('re-sampling lifts the tail', 'rs', 'erm', 'tail'),
    Claim('re-sampling costs the head', 'rs', 'erm', 'head', -1),
    Claim('R-BCE repairs the head', 'r_bce', 'rs', 'head'),
    Claim('NTR lifts the tail', 'db', 'r_bce', 'tail'),
    Claim('focal adds', 'db_focal', 'db', 'total'),
    Claim('DB-Focal is the best row', 'db_focal', None, 'total'),
    Claim('re-weighting on top of re-sampling hurts', 'rs_rw_focal', 'rs_focal', 'total', -1),
    Claim('class-balanced weights on top of it hurt', 'rs_cb_focal', 'rs_focal', 'total', -1),
)
# Of Huang et al. (EMNLP 2021), in macro F1.
TEXT_CLAIMS = (
    Claim('BCE misses the tail: below 5 points', 'bce', None, 'tail', below=5.0),
    Claim('focal lifts the tail', 'fl', 'bce', 'tail'),
    Claim('NTR lifts the tail', 'ntr_fl', 'fl', 'tail'),
    Claim('NTR lifts the tail beside class-balanced weights', 'cb_ntr', 'cb', 'tail'),
    Claim('focal adds', 'db', 'db_0fl', 'total'),
    Claim('DB is above all others but CB-NTR', 'db', None, 'total', without=('cb_ntr',)),
    Claim('CB-NTR is above all others but DB', 'cb_ntr', None, 'total', without=('db',)),
)
CLAIMS_BY: dict[Measure, tuple[Claim, ...]] = {'map': CLAIMS, 'f1': TEXT_CLAIMS}
