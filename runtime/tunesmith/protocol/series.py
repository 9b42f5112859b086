"""Numbers of a run, any length, in as many points as a window has pixels."""

from __future__ import annotations

from tunesmith.protocol.message import Words, field, message
from tunesmith.protocol.method import Method, Request

AXIS = Words(name="Axis", meanings={"step": "updates done", "seconds": "since the run began"})


@message
class SeriesParams:
    """Which curves, which part of them, and how wide they are drawn."""

    run: str = field("An id, a unique beginning of one, `last`, or a folder.")
    names: tuple[str, ...] = field("Which curves; empty: all.", default=())
    width: int = field("Columns of the drawing, 1 to 20,000.", default=1000, unit="px")
    axis: str = field("What `first` and `last` count, and what columns divide evenly.", default="step", words=AXIS)
    first: float | None = field("Begin of the window; left out: the curve's.", default=None)
    last: float | None = field("End of the window, inclusive; left out: the curve's.", default=None)
    smoothing: float = field("Weight of the past in a debiased moving average, 0 (none) to below 1.", default=0.0)


@message
class Point:
    """One record of a series."""

    step: int = field("Updates done.")
    seconds: float = field("Since the run began.", unit="s")
    value: float = field("The number.")


@message
class Curve:
    """One curve in columns from left to right, all lists of one length; columns without a record are left out.

    No spike is hidden: it is in `low` or `high`.
    """

    name: str = field("Of the series.")
    records: int = field("In the whole series.", default=0)
    first: Point | None = field("The series' first record.", default=None)
    last: Point | None = field("The series' last record.", default=None)
    before: Point | None = field("The last record before the window.", default=None)
    after: Point | None = field("The first record after the window.", default=None)
    column: tuple[int, ...] = field("The column's number, from 0.", default=(), unit="px")
    step: tuple[int, ...] = field("Step of the column's first record.", default=())
    seconds: tuple[float, ...] = field("Time of that record, since the run began.", default=(), unit="s")
    low: tuple[float, ...] = field("Least finite value; NaN where there is none.", default=())
    mean: tuple[float, ...] = field("Mean of the finite values; NaN where there is none.", default=())
    high: tuple[float, ...] = field("Greatest finite value; NaN where there is none.", default=())
    count: tuple[int, ...] = field("Finite values.", default=())
    nan: tuple[int, ...] = field("Values that are NaN; empty where there are none in the window.", default=())
    plus: tuple[int, ...] = field("Values that are +infinity; empty where there are none.", default=())
    minus: tuple[int, ...] = field("Values that are -infinity; empty where there are none.", default=())
    smooth: tuple[float, ...] = field("Moving average of the means; empty unless asked.", default=())


@message
class SeriesResult:
    """The curves that were asked for; those the run does not have are left out."""

    run: str = field("The run's id.")
    curves: tuple[Curve, ...] = field("In the order asked, or by name.", default=())


METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/series",
        purpose="Curves of a run within a window, as envelopes for a width in pixels, smoothed if wanted.",
        params=SeriesParams,
        result=SeriesResult,
        errors=("run.not-found", "run.ambiguous", "protocol.wrong-value"),
        example={"run": "20261125-101500-reviews-3fa1", "names": ["loss"], "width": 2, "smoothing": 0.9},
        answer={
            "run": "20261125-101500-reviews-3fa1",
            "curves": [
                {
                    "name": "loss",
                    "records": 400,
                    "first": {"step": 1, "seconds": 0.2, "value": 0.74},
                    "last": {"step": 400, "seconds": 80.1, "value": 0.29},
                    "column": [0, 1],
                    "step": [1, 201],
                    "seconds": [0.2, 40.3],
                    "low": [0.4, 0.21],
                    "mean": [0.58, 0.33],
                    "high": [0.74, 0.61],
                    "count": [200, 199],
                    "nan": [0, 1],
                    "smooth": [0.52, 0.3],
                }
            ],
        },
    ),
)
