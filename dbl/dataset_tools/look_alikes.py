"""Finds pictures of one split that are copies of another's, or look like them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from dbl.dataset_tools.check import Finding
from dbl.dataset_tools.splits import SPLITS
from dbl.datasets.annotations import Annotations
from dbl.sources import copies

SIDE, LOW, BITS = 32, 8, 63
LEAST_CONTRAST = 2.0  # grey levels: what is more even has no look, but that of its noise
# Bits in which a copy may differ. Of 2,084 photographs of VOC 2007 no two differ in fewer than 10;
# of their copies at half the size and JPEG quality 60, 99.7% differ in at most 4, and of copies
# that are 15% brighter, 98%.
MOST = 4


def look_of(picture: np.ndarray) -> int | None:
    """Gives the look of a picture as 63 bits, few of which change in a copy that is saved anew.

    A bit says whether one of the lowest frequencies (DCT) of the grey picture, made 32 pixels wide
    and high, is above their median. The mean brightness is left out.

    Shape:
        - picture: :math:`(H, W, 3)`, BGR, 8 bits.
        - Output: a number, or None for a picture that is too even.

    >>> picture = np.random.default_rng(0).integers(0, 200, (40, 60, 3), dtype=np.uint8)
    >>> (look_of(picture) ^ look_of(picture + np.uint8(20))).bit_count() <= MOST
    True
    >>> look_of(np.zeros((40, 60, 3), np.uint8))
    """
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    if grey.std() < LEAST_CONTRAST:
        return None
    low = cv2.dct(grey)[:LOW, :LOW].ravel()[1:]
    bits = ''.join('1' if above else '0' for above in low > np.median(low))
    return int(bits, 2)


def look_alikes(
    ours: Mapping[str, int], theirs: Mapping[str, int], most: int = MOST
) -> Iterator[tuple[str, str]]:
    """Finds those of our pictures whose look differs from one of theirs in a few bits at most.

    Two looks that differ in at most 4 bits are equal in one of five parts. So only pictures with an
    equal part are compared, which are few.

    >>> list(look_alikes({'a.jpg': 0b1011, 'b.jpg': 2**63 - 1}, {'c.jpg': 0b1000}))
    [('a.jpg', 'c.jpg')]
    """
    by_part = defaultdict(list)
    for other, theirs_look in theirs.items():
        for part in _parts(theirs_look, most + 1):
            by_part[part].append((theirs_look, other))
    for image, look in ours.items():
        near = (pair for part in _parts(look, most + 1) for pair in by_part.get(part, ()))
        found = next((other for bits, other in near if (bits ^ look).bit_count() <= most), None)
        if found is not None:
            yield image, found


def _parts(look: int, count: int) -> Iterator[tuple[int, int]]:
    """The parts of a look, each with its place."""
    width = -(-BITS // count)
    for place in range(count):
        yield place, look >> (place * width) & ((1 << width) - 1)


def check_copies(
    folder: Path, splits: Mapping[str, Annotations], looks: Mapping[Path, int | None]
) -> Iterator[Finding]:
    """Finds the images that one split has of another under another name.

    Args:
        folder: The folder of the splits.
        splits: The splits that can be read.
        looks: The look of each image that was decoded, by its path with the folder.
    """
    present = [name for name in ('test', 'val', 'train') if name in splits]
    for other, name in combinations(present, 2):
        theirs, ours = ({str(folder / p) for p in splits[n].image_paths} for n in (other, name))
        copied = set(copies(sorted(ours), sorted(theirs)))
        for image in sorted(copied):
            yield Finding(f'copy of a {SPLITS[other]} picture', image)
        left = _looks(looks, ours - theirs - copied)
        for image, like in look_alikes(left, _looks(looks, theirs)):
            yield Finding(f'looks like a {SPLITS[other]} picture', f'{image}, like {like}')


def _looks(looks: Mapping[Path, int | None], images: Iterable[str]) -> dict[str, int]:
    found = ((image, looks.get(Path(image))) for image in sorted(images))
    return {image: look for image, look in found if look is not None}
