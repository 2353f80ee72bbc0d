"""Random draws in the forms that the calibration uses, all from one generator and all in whole columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def normal_quantile(p: Floats) -> Floats:
    """The inverse of the normal distribution function, by Acklam's rational approximation (relative error 1e-9)."""
    a = (
        -39.69683028665376,
        220.9460984245205,
        -275.9285104469687,
        138.3577518672690,
        -30.66479806614716,
        2.506628277459239,
    )
    b = (-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0)
    c = (
        -0.007784894002430293,
        -0.3223964580411365,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    )
    d = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0)
    p = np.clip(p, 1e-300, 1 - 1e-16)
    tail = np.minimum(p, 1 - p)
    far = np.sqrt(-2 * np.log(tail))
    outer = np.polyval(c, far) / np.polyval(d, far) * np.where(p < 0.5, 1.0, -1.0)
    central = p - 0.5
    square = central * central
    inner = np.polyval(a, square) * central / np.polyval(b, square)
    return np.asarray(np.where(tail < 0.02425, outer, inner))


class Chance:
    """One generator and the latent capability u of each firm of a chunk, which ties its draws together."""

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.rng, self.count = rng, count
        self.capability: Floats = rng.standard_normal(count)

    def correlated(self, rho: float) -> Floats:
        """A standard normal that correlates ``rho`` with capability."""
        own = float(np.sqrt(1 - rho * rho))
        return np.asarray(rho * self.capability + own * self.rng.standard_normal(self.count))

    def happens(self, share: Floats | float, rho: float = 0.0) -> Bools:
        """True with the given share; with ``rho`` more often for the capable (probit scale)."""
        if not rho:
            return np.asarray(self.rng.random(self.count) < share)
        return np.asarray(
            self.correlated(rho) > normal_quantile(1 - np.broadcast_to(np.asarray(share, float), (self.count,)))
        )

    def lognormal(self, median: Floats | float, sigma: Floats | float) -> Floats:
        return np.asarray(median * np.exp(sigma * self.rng.standard_normal(self.count)))

    def uniform(self, low: float, high: float) -> Floats:
        return self.rng.uniform(low, high, self.count)

    def pick(self, shares: npt.ArrayLike) -> Ints:
        """An index into shares, which need not sum to 1; shares may differ from firm to firm (firm x option)."""
        weights = np.asarray(shares, float)
        total = np.cumsum(weights, axis=-1)
        mark = self.rng.random(self.count) * total[..., -1]
        if weights.ndim == 1:
            return np.asarray(np.searchsorted(total, mark, side="right").clip(max=len(weights) - 1))
        return np.asarray((total < mark[:, None]).sum(axis=1))

    def count_of(self, mean: Floats) -> Ints:
        return self.rng.poisson(mean)

    def choose(self, weights: Floats, expected: float) -> Bools:
        """A choice whose expected number is ``expected`` and whose chances are proportional to the weights.

        Systematic sampling in the order of the firms: the number chosen differs from the expected one by less than 1.
        """
        share = np.zeros(self.count)
        able = weights > 0
        if able.any() and expected > 0:
            scaled = weights * (expected / weights.sum())
            for _ in range(50):
                share = np.minimum(scaled, 1.0)
                lacking = expected - share.sum()
                free = able & (scaled < 1)
                if lacking < 1e-9 or not free.any():
                    break
                scaled[free] *= 1 + lacking / scaled[free].sum()
        steps = np.floor(np.cumsum(share) + self.rng.random())
        return np.diff(steps, prepend=0) > 0.5 if self.count else np.zeros(0, bool)
