"""The memory of freed arrays: kept for the next ones."""

import ctypes

# glibc's parameters of mallopt(3), and values for them
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
NEVER, LARGEST = -1, 2**31 - 1  # bytes


def keep_freed_memory() -> None:
    """Lets this process, and those it forks, keep the memory of freed arrays for reuse.

    If it went back to the system, getting it again would cost a page fault every 4 KB. For an
    image's arrays that is more than their transforms cost, and for those of a network that is
    tested on a CPU a third of its time and more. Without glibc this changes nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):  # macOS, musl; Windows
        return
    mallopt(TRIM_THRESHOLD, NEVER)
    mallopt(MMAP_THRESHOLD, LARGEST)
