"""What a spike of the loss is."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field

WINDOW = 50  # losses that a spike is measured against
FEWEST = 10  # with fewer before it, no loss is called a spike
LEAST_SHARE = 1e-3  # of the median: where the losses hardly differ, this is their deviation


@dataclass(slots=True)
class Losses:
    """The last losses, to tell a spike from what is usual.

    A loss is a spike where loss - median > deviations * MAD. The median and MAD = median(|loss - median|) are of the
    last `WINDOW` finite losses before it, at least `FEWEST`; MAD counts as `LEAST_SHARE` of the median at least.
    """

    before: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def deviations(self, loss: float) -> float:
        """How many median absolute deviations `loss` lies above the median; 0 where too little is known."""
        if len(self.before) < FEWEST:
            return 0.0
        median = statistics.median(self.before)
        spread = statistics.median(abs(value - median) for value in self.before)
        least = max(spread, LEAST_SHARE * abs(median))
        return (loss - median) / least if least > 0 else 0.0

    def add(self, loss: float) -> None:
        """Remember a finite loss."""
        self.before.append(loss)
