from pathlib import Path
from typing import Any

import torch

from dbl.errors import InputError


def safe_load(path: str | Path) -> Any:
    """Loads a file of ``torch.save`` that holds plain data alone; nothing in it is executed.

    Raises:
        InputError: The file is damaged, is of another kind, or holds more than plain data.
    """
    try:
        return torch.load(path, map_location='cpu', weights_only=True)
    except OSError:
        raise
    except Exception as error:  # whatever the bytes of a wrong file lead torch into
        raise InputError(
            f"'{path}' is damaged, or is not a file of tensors and plain data alone"
        ) from error
