"""Builds timm's networks, leaves their pooling out, and freezes their first stages."""

from difflib import get_close_matches
from types import ModuleType
from typing import Any

from dbl.errors import InputError, shortened, unknown
from dbl.models.borrowed import output_shape
from dbl.out_of_memory import is_out_of_memory

KEY = 'model.backbone'
Network = Any  # an nn.Module with timm's methods


def import_timm() -> ModuleType:
    """Imports timm.

    Raises:
        InputError: It is not installed.
    """
    try:
        import timm
    except ModuleNotFoundError as error:
        raise InputError(
            f'{KEY}: TimmBackbone needs timm: `pip install timm`, or take TorchvisionBackbone'
        ) from error
    return timm


def record_of(name: str) -> Any:
    """Finds what timm records of a network and its weights, a ``PretrainedCfg``.

    Raises:
        InputError: timm has no network of this name, or it is an address.

    >>> record_of('resnet18').input_size
    (3, 224, 224)
    """
    timm = import_timm()
    if any(sign in name for sign in ':/\\'):
        raise InputError(
            f"{KEY}.name: '{shortened(name)}' is an address, and only timm's own networks are "
            f'built; give one of timm.list_models(), and its file as {KEY}.weights=PATH'
        )
    try:
        record = timm.models.get_pretrained_cfg(name)
    except RuntimeError as error:  # of its tag
        network = name.partition('.')[0]
        raise unknown(f'{KEY}.name', name, timm.list_pretrained(f'{network}.*')) from error
    if record is None:
        close = get_close_matches(name, timm.list_models())
        hint = f'; choose from {", ".join(close)}' if close else ''
        raise InputError(f"{KEY}.name '{shortened(name)}' is not one of timm.list_models(){hint}")
    return record


def make(
    name: str, image_size: int | None = None, gives_map: bool = False, **options: Any
) -> Network:
    """Builds a network without its classifier and, if it gives a map, without its pooling."""
    if image_size is not None:
        options['img_size'] = image_size
    net = import_timm().create_model(name, num_classes=0, **options)
    if gives_map:
        net.reset_classifier(0, '')
    return net


def leaves_a_map(net: Network, size: int) -> bool:
    """Leaves a network's pooling out, and tells whether it gives a map then.

    >>> leaves_a_map(make('test_resnet'), 160), leaves_a_map(make('test_vit'), 160)
    (True, False)
    """
    try:
        net.reset_classifier(0, '')
        return len(output_shape(net, size)) == 4
    except Exception as error:  # each network refuses in its own way
        if is_out_of_memory(error):
            raise
        return False


def freeze_stages(net: Network, name: str, frozen_stages: int) -> None:
    """Freezes the stem of a network, which is stage 0, and the stages that follow it.

    Args:
        net: The network.
        name: Its name.
        frozen_stages: The last stage to be frozen; with -1 none is.

    Raises:
        InputError: timm does not tell the stages of this network apart.
        ValueError: It has fewer stages.
    """
    if frozen_stages == -1:
        return
    from timm.models import group_parameters

    try:
        groups = group_parameters(net, net.group_matcher(coarse=True), return_values=True)
    except (AttributeError, AssertionError) as error:
        raise InputError(
            f"{KEY}: timm does not tell the stages of '{name}' apart; set {KEY}.frozen_stages=-1, "
            'which trains all of it'
        ) from error
    if not -1 <= frozen_stages < len(groups):
        raise ValueError(
            f'frozen_stages must lie in [-1, {len(groups) - 1}] for {name}, but got {frozen_stages}'
        )
    for stage in range(frozen_stages + 1):
        for parameter in groups[stage]:
            parameter.requires_grad_(False)
