"""Builds the network that a config names: backbone, neck, and head."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from dbl.datasets.text_files import TEXTS
from dbl.errors import InputError, unknown
from dbl.models import MultiLabelClassifier
from dbl.models.classifier import GlobalAveragePool
from dbl.registry import MODELS, build, parameters, registered

COLOURS = 3
FOR = {
    'pictures': 'a backbone for pictures, such as model.backbone.type=ResNet',
    'features': 'model.backbone.type=Features',
    'texts': 'model.backbone.type=TextEncoder',
}
# What tells the parts of a network apart.
KINDS = {
    'model.backbone': 'a backbone has `out_features`',
    'model.neck': 'a neck takes `in_features` and has `out_features`',
    'model.head': 'a head has a `loss`',
    'model.head.loss': 'a loss has no `out_features`',
}


def build_network(
    part: Mapping[str, Any],
    loss: nn.Module,
    num_classes: int,
    channels: int,
    given: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
) -> MultiLabelClassifier:
    """Builds backbone, neck, and head, with random weights.

    Args:
        part: What the config says of the model.
        loss: The head's loss, already built.
        num_classes: Classes, C.
        channels: Of the images: 3; or the width of features; or 0 for texts.
        given: Further arguments that a head gets if it takes them.
        defaults: Those that it gets if it takes them and the config does not set them.

    Raises:
        InputError: A part cannot be built, or belongs elsewhere; its key is named.
    """
    backbone = _backbone(part['backbone'], channels)
    neck = _neck(part['neck'], backbone.out_features)
    head = {key: value for key, value in part['head'].items() if key != 'loss'}
    given = {'in_features': neck.out_features, 'num_classes': num_classes, 'loss': loss, **given}
    return MultiLabelClassifier(backbone, neck, build_module('model.head', head, given, defaults))


def _backbone(part: Any, channels: int) -> nn.Module:
    check_type('model.backbone', part)
    takes = getattr(registered(MODELS, 'model.backbone', part), 'takes', 'pictures')
    gives = {COLOURS: 'pictures', TEXTS: 'texts'}.get(channels, 'features')
    if takes != gives and (takes, channels) != ('features', COLOURS):  # features may be three
        width = f' of width {channels}' if gives == 'features' else ''
        raise InputError(
            f'model.backbone.type: {part["type"]} takes {takes}, but the data are {gives}{width}; '
            f'take {FOR[gives]}'
        )
    return build_module('model.backbone', part, {'width': channels})


def _neck(part: Any, in_features: Any) -> nn.Module:
    if part is None:
        return GlobalAveragePool(in_features)
    return build_module('model.neck', part, {'in_features': in_features})


def build_module(
    key: str, part: Any, given: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
) -> Any:
    """Builds a part of the network, and refuses one that belongs elsewhere."""
    check_type(key, part)
    check_complete(key, part, {**given, **(defaults or {})})
    made = build(MODELS, key, part, given, defaults)
    wide = hasattr(made, 'out_features')
    fits = {
        'model.backbone': wide,
        'model.neck': wide and 'in_features' in parameters(registered(MODELS, key, part)),
        'model.head': hasattr(made, 'loss'),
        'model.head.loss': not wide,
    }
    if not fits[key]:
        raise InputError(f'{key}.type: {part["type"]} does not belong there; {KINDS[key]}')
    return made


def check_type(key: str, part: Any) -> None:
    """Refuses a type that no part of the network has, and offers those that seem to fit."""
    known = MODELS.module_dict
    name = part.get('type') if isinstance(part, Mapping) else None
    if isinstance(name, str) and name not in known:
        raise unknown(f'{key}.type', name, [own for own in known if place_of(own) == key])


def check_complete(key: str, part: Any, given: Mapping[str, Any]) -> None:
    """Refuses a part of the network that lacks an argument, unless another one is misspelt."""
    known = parameters(registered(MODELS, key, part))
    needs = [name for name, own in known.items() if own.default is own.empty]
    missing = [name for name in needs if name not in part and name not in given]
    if missing and part.keys() <= {'type', *known}:
        raise InputError(f'{key} ({part["type"]}) needs {missing[0]}; set {key}.{missing[0]}')


def place_of(name: str) -> str:
    """Tells where a part of the network belongs, by its name and what it takes.

    >>> place_of('FocalLoss'), place_of('LinearHead'), place_of('ResNet')
    ('model.head.loss', 'model.head', 'model.backbone')
    """
    arguments = parameters(MODELS.module_dict[name])
    if 'loss' in arguments:
        return 'model.head'
    if 'in_features' in arguments:
        return 'model.neck'
    return 'model.head.loss' if name.endswith('Loss') else 'model.backbone'
