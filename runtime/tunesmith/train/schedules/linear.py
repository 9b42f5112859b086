"""The linear schedule."""

from __future__ import annotations

from tunesmith.members import Example, Schedule
from tunesmith.options import Real

MEMBER = Schedule(
    name="linear",
    help="The learning rate falls in a straight line.",
    when="The usual choice for tuning pretrained models.",
    options={
        "final": Real(
            0.0,
            at_least=0,
            at_most=1,
            unit="share of the learning rate",
            help="Where the line ends.",
            advice="0; a little more if the run may be prolonged.",
        )
    },
    formula="1 - (1 - final) * step / total",
    source="Devlin et al. 2018, arXiv:1810.04805, appendix A.2",
    worked=(
        Example(inputs={"step": 0, "total": 100}, value=1.0),
        Example(inputs={"step": 25, "total": 100}, value=0.75),
        Example(inputs={"step": 100, "total": 100, "options": {"final": 0.1}}, value=0.1),
    ),
)


def factor(step: int, total: int, *, final: float) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`."""
    return 1 - (1 - final) * min(step, total) / total
