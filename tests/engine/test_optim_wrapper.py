import pytest
import torch
from torch import nn

from dbl.engine import DeferredOptimWrapper
from dbl.errors import InputError


def stepped(
    clip_grad=None, precision='float32', value=1.0
) -> tuple[nn.Linear, DeferredOptimWrapper]:
    net = nn.Linear(3, 1, bias=False)
    nn.init.constant_(net.weight, 2.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    wrapper = DeferredOptimWrapper(optimizer, clip_grad=clip_grad, precision=precision)
    with wrapper.optim_context(net):
        output = net(torch.full((1, 3), value))
    wrapper.update_params(output.float().sum())
    return net, wrapper


@pytest.mark.parametrize(
    ('clip_grad', 'step'),
    [
        (None, 1.0),
        (dict(max_norm=35, norm_type=2), 1.0),
        (dict(max_norm=0.3, norm_type=2), 0.3 / 3**0.5),
    ],
)
def test_the_norm_is_that_before_clipping_and_stays_a_tensor(clip_grad, step):
    net, wrapper = stepped(clip_grad)
    assert wrapper.grad_norm.item() == pytest.approx(3**0.5)
    assert net.weight[0].tolist() == pytest.approx([2 - 0.1 * step] * 3, rel=1e-5)
    assert 'train/grad_norm' not in wrapper.message_hub.log_scalars


def test_bfloat16_rounds_the_forward_pass_and_keeps_the_weights():
    value = 1 + 2**-10  # no number of bfloat16
    exact, _ = stepped(value=value)
    rounded, _ = stepped(value=value, precision='bfloat16')
    assert exact.weight[0, 0].item() == pytest.approx(2 - 0.1 * value, abs=1e-6)
    assert rounded.weight[0, 0].item() == pytest.approx(2 - 0.1, abs=1e-6)
    assert rounded.weight.dtype == torch.float32


def test_another_precision_is_refused():
    with pytest.raises(InputError, match='bfloat16'):
        stepped(precision='bf16')
