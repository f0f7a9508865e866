import io
import random

import numpy as np
import torch

from dbl.training.rng_state import rng_state, set_rng_state


def test_random_numbers_go_on_where_they_were():
    def numbers():
        return random.random(), np.random.rand(3).tolist(), torch.rand(3).tolist()

    numbers()
    buffer = io.BytesIO()
    torch.save(rng_state(), buffer)
    expected = numbers()
    buffer.seek(0)
    set_rng_state(torch.load(buffer, weights_only=True))
    assert numbers() == expected
