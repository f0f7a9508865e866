"""What the paper claims about its rows."""

from typing import NamedTuple


class Claim(NamedTuple):
    """A claim: one row beats another in a group, or loses to it.

    Attributes:
        text: The claim, in words.
        row: The row, such as ``'rs'``.
        other: The row that it is compared with, or None for the best of all others.
        group: The group of classes, or ``'total'``.
        sign: 1 if the row should be better, -1 if it should be worse.
    """

    text: str
    row: str
    other: str | None
    group: str
    sign: int = 1


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
