"""The groups of classes: head, medium and tail."""

from collections.abc import Sequence


def head_medium_tail(
    class_freq: Sequence[int], head: int = 100, tail: int = 20
) -> dict[str, list[int]]:
    """Groups classes by training images n: head n >= ``head``, tail n < ``tail``, else medium.

    Returns:
        Class indices, ascending, of ``'head'``, ``'medium'`` and ``'tail'``.

    >>> head_medium_tail([824, 6, 99])
    {'head': [0], 'medium': [2], 'tail': [1]}
    """
    if tail > head:
        raise ValueError(f'expected tail <= head, but got tail={tail} and head={head}')
    groups: dict[str, list[int]] = {'head': [], 'medium': [], 'tail': []}
    for index, n in enumerate(class_freq):
        # Released code: exactly 100 images are head. Paper: "over 100", that is head=101.
        groups['head' if n >= head else 'tail' if n < tail else 'medium'].append(index)
    return groups
