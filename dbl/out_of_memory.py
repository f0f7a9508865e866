"""Tells a lack of memory from other failures: a file that needs more is not damaged."""

# What numpy, torch on a CPU, torch on a GPU, OpenCV, and the system say of it.
SIGNS = (
    'Unable to allocate', "can't allocate memory", 'out of memory', 'Insufficient memory',
    'Cannot allocate memory',
)  # fmt: skip


def is_out_of_memory(error: Exception) -> bool:
    """Whether an exception says that memory has run out, a GPU's or the system's.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(ValueError('bad magic number'))
    (True, False)
    """
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in SIGNS)
