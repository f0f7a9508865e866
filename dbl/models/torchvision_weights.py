"""torchvision's weights: their files, their names, and what they are for."""

import re
from contextlib import suppress
from pathlib import Path

from torch import Tensor, nn
from torch.hub import download_url_to_file, get_dir
from torchvision.models import WeightsEnum, get_model_weights
from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

from dbl.errors import InputError
from dbl.models.pretrained import first_misfit, read_state_dict
from dbl.out_of_memory import is_out_of_memory

KEY = 'model.backbone.weights'
# Keys in published files of DenseNets and ViTs, and what they are today.
OLD_KEYS = {
    r'(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)': r'\1\2',
    r'\.mlp\.linear_1\.': '.mlp.0.',
    r'\.mlp\.linear_2\.': '.mlp.3.',
}


def record_of(net: str, weights: str | None) -> WeightsEnum:
    """Finds torchvision's entry of weights. A file is taken to be like the default ones.

    >>> record_of('convnext_tiny', 'my.pth').transforms().crop_size
    [224]
    """
    known = get_model_weights(net)
    return known[weights] if weights in known.__members__ else known['DEFAULT']


def weights_file(net: str, weights: str) -> Path:
    """Finds a file by its path or, by torchvision's name of weights, downloads it.

    Raises:
        InputError: There is no such file or name, or the download failed.
    """
    path = Path(weights)
    return path if path.is_file() else _fetch(net, weights)


def _fetch(net: str, weights: str) -> Path:
    """Downloads a file of torchvision's weights, unless it is there already."""
    known = get_model_weights(net).__members__
    if weights not in known:
        raise InputError(
            f"{KEY}: '{weights}' does not exist; give the path of a state dict, one of the names "
            f'{", ".join(known)}, or None'
        )
    url = known[weights].url
    path = Path(get_dir()) / 'checkpoints' / url.split('/')[-1]
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        download_url_to_file(url, str(path), hash_prefix=path.stem.split('-')[-1])
    except (OSError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"{KEY}: cannot fetch {url} ({error}); put the file into '{path.parent}', or give the "
            'path of a state dict, or, to train from scratch, None, with nothing frozen and '
            'norm_eval=False'
        ) from error
    return path


def read_weights(name: str, weights: str, net: nn.Module, classifier: str) -> dict[str, Tensor]:
    """Reads the weights of a network without those of its classifier.

    Args:
        name: Name of the network.
        weights: Name of its weights, or the path of a state dict.
        net: The network. If it is a ViT, weights for another size of pictures are resampled.
        classifier: Name of the layer that it lacks.

    Raises:
        InputError: The weights cannot be had, or are of another network.
    """
    found = read_state_dict(weights_file(name, weights), weights)
    kept = {
        todays_key(str(key)): value
        for key, value in found.items()
        if not str(key).startswith(f'{classifier}.')
    }
    if isinstance(net, VisionTransformer) and 'encoder.pos_embedding' in kept:
        with suppress(ValueError, RuntimeError):  # of a shape that does not fit
            kept = interpolate_embeddings(net.image_size, net.patch_size, kept)
    misfit = first_misfit(kept, net)
    if misfit is not None:
        raise InputError(
            f"{KEY}: '{weights}' does not hold the weights of '{name}' under torchvision's key "
            f'names: {misfit}; check model.backbone.name'
        )
    return kept


def todays_key(key: str) -> str:
    """The key of a weight by its name in a published file.

    >>> todays_key('features.denseblock1.denselayer1.norm.1.weight')
    'features.denseblock1.denselayer1.norm1.weight'
    """
    for old, new in OLD_KEYS.items():
        key = re.sub(old, new, key)
    return key
