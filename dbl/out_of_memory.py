"""Tells a lack of memory from other failures: a file that needs more is not damaged."""

import errno

# What numpy, torch on a CPU, torch on a GPU, OpenCV, and the system say of it.
SIGNS = (
    'Unable to allocate', "can't allocate memory", 'out of memory', 'Insufficient memory',
    'Cannot allocate memory', 'ALLOC_FAILED',
)  # fmt: skip


def is_out_of_memory(error: Exception) -> bool:
    """Whether an exception says that memory has run out, a GPU's or the system's.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(ValueError('bad magic number'))
    (True, False)
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM  # its text may name any file
    return isinstance(error, MemoryError) or says_out_of_memory(str(error))


def says_out_of_memory(text: str) -> bool:
    """Whether a text has one of the signs of it.

    >>> says_out_of_memory('CUDA error: out of memory'), says_out_of_memory('bad magic number')
    (True, False)
    """
    return any(sign in text for sign in SIGNS)
