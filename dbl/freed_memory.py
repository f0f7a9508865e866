"""The memory of freed arrays: kept for the next ones."""

import ctypes

# glibc's parameters of mallopt(3), and values for them
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
NEVER, LARGEST = -1, 2**31 - 1  # bytes
ALLOWED = 2**25  # the most that an older glibc takes


def keep_freed_memory() -> None:
    """Lets this process, and those it forks, keep the memory of freed arrays for reuse.

    If it went back to the system, getting it again would cost a page fault every 4 KB. For an
    image's arrays that is more than their transforms cost. A network that is tested on a CPU would
    spend a quarter to a half of its time on it. Arrays of 2 GB and more are not kept. Without glibc
    this changes nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):  # macOS, musl; Windows
        return
    mallopt(TRIM_THRESHOLD, NEVER)
    if not mallopt(MMAP_THRESHOLD, LARGEST):
        mallopt(MMAP_THRESHOLD, ALLOWED)
