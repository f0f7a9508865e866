import numpy as np
from scipy.stats import pareto


def pareto_counts(
    num_classes: int, maximum: int, minimum: int = 1, exponent: float = 6.0
) -> np.ndarray:
    r"""Reference images per class, from head to tail, after a Pareto law.

    With :math:`f` the density and :math:`q` the quantile function of the Pareto law with exponent
    :math:`b`, and :math:`x_1 \dots x_C` evenly spaced from :math:`q(0)` to :math:`q(0.99)`:

    .. math::
        n_i = \lfloor f(x_i) (n_{max} - n_{min}) / b + n_{min} \rfloor

    Shape:
        - Output: :math:`(C)`, integers, descending; the first is ``maximum``, or, by rounding
          with some exponents that are no integers, one less.
    """
    if num_classes < 1:
        raise ValueError(f'num_classes must be at least 1, but got {num_classes}')
    if not 1 <= minimum <= maximum:
        raise ValueError(f'expected 1 <= minimum <= maximum, but got {minimum} and {maximum}')
    if not 0.01 <= exponent <= 1000:
        raise ValueError(f'exponent must lie in [0.01, 1000], but got {exponent}')
    if maximum > 10**12:
        raise ValueError(f'maximum must be at most 10**12, but got {maximum}')
    x = np.linspace(pareto.ppf(0, exponent), pareto.ppf(0.99, exponent), num_classes)
    return (pareto.pdf(x, exponent) * (maximum - minimum) / exponent + minimum).astype(int)
