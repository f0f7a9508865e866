"""Changes one place of nested dicts and lists."""

import random
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[Any, ...]


def places(tree: Any, place: Place = ()) -> Iterator[Place]:
    """The place of every value, as the keys and indices that lead to it.

    >>> list(places({'a': [5]}))
    [(), ('a',), ('a', 0)]
    """
    yield place
    items = tree.items() if isinstance(tree, dict) else ()
    if isinstance(tree, (list, tuple)):
        items = enumerate(tree[:20])  # the state of a random generator has hundreds
    for key, value in items:
        yield from places(value, (*place, key))


def with_value(tree: Any, place: Place, change: Callable[[Any], Any]) -> Any:
    """A copy in which one value is what a function makes of it.

    >>> with_value({'a': [5, 6]}, ('a', 1), str)
    {'a': [5, '6']}
    """
    if not place:
        return change(tree)
    key, *rest = place
    copy = type(tree)(tree) if type(tree) in (dict, list) else _plain(tree)
    copy[key] = with_value(tree[key], tuple(rest), change)
    return copy


def _plain(tree: Any) -> dict | list:
    return dict(tree) if isinstance(tree, dict) else list(tree)


def without(tree: Any, place: Place) -> Any:
    """A copy that lacks a value."""
    *above, key = place

    def remove(parent: Any) -> dict | list:
        copy = _plain(parent)
        del copy[key]
        return copy

    return with_value(tree, tuple(above), remove)


def under_another_name(tree: Any, place: Place, name: Any) -> Any:
    """A copy in which a value of a dict has another key."""
    *above, key = place

    def rename(parent: Any) -> Any:
        if not isinstance(parent, dict):
            return [*parent, parent[key]]  # twice, in a list
        return {name if k == key else k: v for k, v in parent.items()}

    return with_value(tree, tuple(above), rename)


def _as_key(value: Any) -> Any:
    return str(value) if isinstance(value, (dict, list)) else value


def changed(rng: random.Random, tree: Any, odd: Callable[[random.Random, Any], Any]) -> Any:
    """A copy with a change at a random place: another value, none, or another key.

    Args:
        rng: Of the change.
        tree: The value.
        odd: Makes another value of one.
    """
    place = _some_place(rng, tree)
    how = rng.random()
    if place and how < 0.15:
        return without(tree, place)
    if place and how < 0.3:
        return under_another_name(tree, place, _as_key(odd(rng, place[-1])))
    return with_value(tree, place, lambda value: odd(rng, value))


def _some_place(rng: random.Random, tree: Any) -> Place:
    """A place, each depth as likely as the others."""
    found = list(places(tree))
    depth = rng.choice(sorted({len(place) for place in found}))
    return rng.choice([place for place in found if len(place) == depth])
