"""Okabe and Ito's colours, chosen to stay distinct for colour-blind readers and in grey."""

from typing import NamedTuple

BLACK, BLUE, VERMILION = '#000000', '#0072B2', '#D55E00'
ORANGE, SKY, YELLOW = '#E69F00', '#56B4E9', '#F0E442'
LIGHT_GREY = '#CCCCCC'


class Look(NamedTuple):
    """How one thing is drawn. Without its colour, its line, marker or hatch identifies it."""

    colour: str
    line: str
    marker: str
    hatch: str


GROUP_LOOKS = {
    'total': Look(BLACK, '-', 'o', ''),
    'head': Look(BLUE, '--', 's', '///'),
    'medium': Look(ORANGE, '-.', 'D', '...'),
    'tail': Look(VERMILION, ':', '^', 'xxx'),
}
