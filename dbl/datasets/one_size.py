"""The one size that the pictures of a batch must have."""

from collections.abc import Iterable

from torch import Tensor

from dbl.errors import InputError


def check_one_size(pictures: Iterable[Tensor]) -> None:
    """Refuses to join pictures of several sizes to a batch.

    Raises:
        InputError: They differ in shape.

    >>> import torch
    >>> check_one_size([torch.zeros(3, 40, 50), torch.zeros(3, 40, 50)])
    """
    shapes = list(dict.fromkeys(tuple(picture.shape) for picture in pictures))
    if len(shapes) > 1:
        raise InputError(
            f'pictures of one batch have the shapes {shapes[0]} and {shapes[1]} after their '
            'transforms; add one to the pipeline that makes them all one size, such as Resize'
        )
