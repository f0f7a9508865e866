"""Names for the classes that a file gives by their numbers, and lists itself."""

from typing import Any

from dbl.errors import InputError, shortened


def named(labels: Any, classes: Any) -> Any:
    """Gives classes that are numbers their names; what is no list stays as it is.

    Raises:
        InputError: A label is no number of a class.

    >>> named([1], ['cat', 'dog']), named(None, ['cat'])
    (['dog'], None)
    """
    if not isinstance(labels, list) or not isinstance(classes, list):
        return labels
    numbers = [label for label in labels if type(label) is int and 0 <= label < len(classes)]
    if len(numbers) < len(labels):
        raise InputError(f'labels must lie in [0, {len(classes)}), but got {shortened(labels)}')
    return [classes[number] for number in numbers]
