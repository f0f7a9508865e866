"""The weights of timm's networks: from a file, or from where timm has them."""

from pathlib import Path

from torch import Tensor

from dbl.errors import InputError, shortened
from dbl.models.pretrained import first_misfit, read_state_dict
from dbl.models.timm_network import KEY, Network, make, record_of
from dbl.out_of_memory import is_out_of_memory


def read_weights(
    path: str, net: Network, name: str, image_size: int | None, gives_map: bool
) -> dict[str, Tensor]:
    """Reads the weights of a network from a file, without those of a classifier.

    Args:
        path: A state dict, .pth or .safetensors.
        net: The network.
        name: Its name.
        image_size: As in :func:`~dbl.models.timm_network.make`. Weights for the network's own size
            are resampled.
        gives_map: As there.

    Raises:
        InputError: The file is missing or damaged, or is of another network.
    """
    weights = without_classifier(read_state_dict(Path(path), path), net)
    misfit = first_misfit(weights, net)
    if misfit is None:
        return weights
    if first_misfit(weights, make(name)) is None:  # for its own size, with its own pooling
        options = {'pretrained': True, 'pretrained_cfg_overlay': {'state_dict': weights}}
        return make(name, image_size, gives_map, **options).state_dict()
    raise InputError(
        f"{KEY}.weights: '{path}' does not hold the weights of '{name}' under timm's key names: "
        f'{misfit}; check {KEY}.name'
    )


def without_classifier(state_dict: dict[str, Tensor], net: Network) -> dict[str, Tensor]:
    """Drops the weights of a classifier that a network does not have."""
    names = net.pretrained_cfg.get('classifier') or ()
    names = (names,) if isinstance(names, str) else names
    classifier, own = tuple(f'{name}.' for name in names), net.state_dict()
    return {
        key: value
        for key, value in state_dict.items()
        if key in own or not str(key).startswith(classifier)
    }


def fetch_weights(name: str, image_size: int | None, gives_map: bool) -> dict[str, Tensor]:
    """Takes timm's own weights of a network, which timm downloads unless it has them.

    Raises:
        InputError: There are none, or they cannot be had.
    """
    record = record_of(name)
    place = f'https://huggingface.co/{record.hf_hub_id}' if record.hf_hub_id else record.url
    if not place:
        raise InputError(
            f"{KEY}.weights: timm has no weights of '{name}'; give the path of a state dict, or "
            'None'
        )
    try:
        return make(name, image_size, gives_map, pretrained=True).state_dict()
    except Exception as error:  # of whatever kind a download ends in
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"{KEY}.weights: cannot fetch those of '{name}' from {place} "
            f'({shortened(error, 200)}); fetch its file elsewhere, and give the path, or None'
        ) from error
