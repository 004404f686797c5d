"""A share of so many tries and how far it can be trusted."""

import math

# 97.5 % of a normal distribution lie below.
_Z = 1.959964


def share_interval(hits: int, n: int) -> tuple[float, float]:
    """Where the true share lies, 95 % certain, for so many hits in n tries; 0 to 1 for none.

    The score interval of E. B. Wilson, "Probable Inference, the Law of Succession, and
    Statistical Inference", JASA 22, 1927: it holds for few tries and for all or none hit.
    """
    if n == 0:
        return 0.0, 1.0
    share, square = hits / n, _Z**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = _Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
