"""Pictures whose files differ by case alone from what a table calls them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dbl.errors import shortened
from dbl.label_files.picture_files import Files


def in_any_case(
    files: Files,
    names: Sequence[str],
    exact: Sequence[str | None],
    candidates: Sequence[Iterable[str]],
) -> tuple[list[str | None], str]:
    """The files of pictures, with those that differ by case alone, and what is to be said of these.

    A file that would be of two pictures is of none.

    Args:
        files: Those that there are.
        names: What the table calls the pictures.
        exact: The file of each that is called so, or None.
        candidates: Where each may be.

    >>> files = Files(['a.JPG', 'b.jpg'], '')
    >>> in_any_case(files, ['a.jpg', 'b.jpg'], [None, 'b.jpg'], [['a.jpg'], ['b.jpg']])
    (['a.JPG', 'b.jpg'], "; 1 by a name that differs by case alone, as 'a.JPG' for 'a.jpg'")
    """
    pairs = zip(exact, candidates, strict=True)
    paths = [path or files.in_any_case(places) for path, places in pairs]
    counts = Counter(paths)
    paths = [p if counts[p] == 1 else before for p, before in zip(paths, exact, strict=True)]
    return paths, _said(names, exact, paths)


def _said(names: Sequence[str], exact: Sequence[str | None], paths: Sequence[str | None]) -> str:
    rows = zip(names, exact, paths, strict=True)
    found = [(name, path) for name, before, path in rows if path and not before]
    if not found:
        return ''
    name, path = found[0]
    shown = f"'{shortened(path, 60)}' for '{shortened(name, 60)}'"
    return f'; {len(found)} by a name that differs by case alone, as {shown}'
