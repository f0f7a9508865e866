"""Compiles modules, as a config asks for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from dbl.errors import InputError, unknown
from dbl.kinds import check_kind, check_names
from dbl.registry import REFUSALS, parameters


def compile_modules(value: bool | Mapping[str, Any], modules: Sequence[nn.Module]) -> None:
    """Compiles modules with the arguments of ``torch.compile`` that a config has."""
    options = value if isinstance(value, Mapping) else {}
    known = {name: p for name, p in parameters(torch.compile).items() if name != 'model'}
    check_names('compile', options, known)
    for name, option in options.items():
        check_kind(f'compile.{name}', option, known[name].annotation)
    if options.get('backend') is not None:
        backends = torch.compiler.list_backends(exclude_tags=())
        if options['backend'] not in backends:
            raise unknown('compile.backend', options['backend'], backends)
    try:
        for module in modules:
            module.compile(**options)
    except REFUSALS as error:
        raise InputError(f'compile cannot be built: {error!s:.200}') from error
