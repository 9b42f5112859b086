"""The debiased exponential moving average that a chart draws through the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAD_LIMIT = 1000  # columns
LEAD_SHARE = 1e-4  # of the weight: what lies further back is not seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """`weight` (0 <= weight < 1) is how much of the average stays from one value to the next."""

    weight: float

    @property
    def lead(self) -> int:
        """How many values before the first that is shown still matter to it."""
        if self.weight <= 0:
            return 0
        return min(LEAD_LIMIT, math.ceil(math.log(LEAD_SHARE) / math.log(self.weight)))

    def of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The average at each of `values`; NaN and infinities are stepped over, and come back as NaN.

        Debiased: divided by the sum of the weights given so far, so that it does not begin at zero.
        Source: Kingma and Ba 2015, arXiv:1412.6980, section 3.
        """
        import numpy as np

        found = np.full(len(values), np.nan)
        average, missing = 0.0, 1.0  # `missing`: the weight that no value has taken yet
        for place, value in enumerate(values.tolist()):
            if math.isfinite(value):
                average = self.weight * average + (1 - self.weight) * value
                missing *= self.weight
                found[place] = average / (1 - missing)
        return found
