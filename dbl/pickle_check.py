"""Searches a pickle, without loading it, for contents that would cost far more than its size."""

import pickletools
from typing import IO

DEEPEST = 20  # levels of nested tuples; a checkpoint has three
MARK = -1


def check_pickle(file: IO[bytes]) -> None:
    """Reads one pickle from a file, and raises ValueError if it should not be loaded.

    Loading hashes the keys of dicts. Keys that are tuples nested very deep crash the process, and
    tuples that hold one another twice take for ever. A ``bytearray`` may claim any length.

    >>> import io, pickle
    >>> check_pickle(io.BytesIO(pickle.dumps({'a': (1, (2, 3))}, protocol=2)))
    """
    depths: list[int] = []  # how deep the tuples are of each object on the unpickler's stack
    memo: dict[object, int] = {}  # likewise, by the operation's argument
    for operation, argument, _ in pickletools.genops(file):
        if operation.name == 'GLOBAL' and str(argument).endswith(' bytearray'):
            raise ValueError('it makes bytes of any length')
        if operation.name.endswith('PUT'):
            memo[argument] = depths[-1]
        elif operation.name.endswith('GET'):
            depths.append(memo[argument])
        else:
            _apply(operation, depths)
        if depths and depths[-1] > DEEPEST:
            raise ValueError(f'its tuples are nested more than {DEEPEST} deep')


def _apply(operation: pickletools.OpcodeInfo, depths: list[int]) -> None:
    """Pops from the stack what an operation takes, and pushes what it leaves."""
    before, after = operation.stack_before, len(operation.stack_after)
    taken = []
    if pickletools.markobject in before:
        while (depth := depths.pop()) != MARK:
            taken.append(depth)
        before = before[: before.index(pickletools.markobject)]
    taken += [depths.pop() for _ in before]
    left = 0
    if operation.name == 'MARK':
        left = MARK
    elif operation.name.startswith('TUPLE'):
        left = 1 + max(taken, default=0)
    elif operation.name == 'DUP':
        left = taken[0]
    depths += [left] * after
