import ctypes

# glibc's parameters of mallopt(3)
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
LARGE = 2**30  # bytes; what an array of a training has less than


def keep_freed_memory() -> None:
    """Has this process, and those it forks, reuse the memory of freed arrays instead of giving it
    back to the system.

    Asking for it anew costs a page fault every 4 KB, which for an image's arrays is more than their
    transforms. With another C library than glibc nothing is changed.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):  # macOS, musl; Windows
        return
    for parameter in (TRIM_THRESHOLD, MMAP_THRESHOLD):
        mallopt(parameter, LARGE)
