from torch import Tensor, nn
from torch.nn import functional as F

from dbl.losses.precision import at_least_float32


class BCELoss(nn.Module):
    r"""Binary cross entropy on logits, the baseline: row ERM.

    .. math::
        -\frac{1}{NC} \sum_{k, i} y_i^k \log p_i^k + (1 - y_i^k) \log (1 - p_i^k),
        \quad p = \sigma(z)

    Shape:
        - logits: :math:`(N, C)`; targets: :math:`(N, C)`, multi-hot.
        - Output: scalar, at least float32.
    """

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        logits = at_least_float32(logits)
        return F.binary_cross_entropy_with_logits(logits, targets.to(logits))
