"""Texts as the tokens that an encoder takes."""

import numpy as np

from dbl.encoders import most_tokens, tokenizer_of
from dbl.registry import TRANSFORMS
from dbl.transforms.base import Transform


@TRANSFORMS.register_module()
class Tokenize(Transform):
    """Turns the bytes of a text into tokens.

    Args:
        encoder: Whose tokens, as in :class:`~dbl.models.TextEncoder`.
        max_length: Tokens of a text; what is longer is cut off, and what is shorter is padded.
    """

    def __init__(self, encoder: str, max_length: int = 256) -> None:
        if max_length < 2:
            raise ValueError(f'max_length must be at least 2, but got {max_length}')
        self.encoder, self.max_length = encoder, max_length
        if max_length > (most := most_tokens(encoder)):
            raise ValueError(
                f"max_length must be at most {most}, as '{encoder}' takes, but got {max_length}"
            )

    def apply(self, image: np.ndarray, parameters: object) -> np.ndarray:
        """Tokenizes a text, (n, 1, 1), uint8, to (L, 1, 1), float32."""
        if image.shape[1:] != (1, 1) or image.dtype != np.uint8:
            raise ValueError('Tokenize takes texts, as of TextFiles')
        found = tokenizer_of(self.encoder)(
            image.tobytes().decode(errors='replace'),
            truncation=True, padding='max_length', max_length=self.max_length,
        )  # fmt: skip
        # float32 holds the numbers of tokens exactly.
        return np.array(found['input_ids'], dtype=np.float32).reshape(-1, 1, 1)
