"""Numbers of a run, any length, in as many points as a window has pixels."""

from __future__ import annotations

from tunesmith.protocol.message import Words, message, told
from tunesmith.protocol.method import Method, Request

AXIS = Words(name="Axis", meanings={"step": "updates done", "seconds": "since the run began"})


@message
class SeriesParams:
    """Which curves, which part of them, and how wide they are drawn."""

    run: str = told("An id, a unique beginning of one, `last`, or a folder.")
    names: tuple[str, ...] = told("Which curves; empty: all.", default=())
    width: int = told("Columns of the drawing, 1 to 20,000.", default=1000, unit="px")
    axis: str = told("What `first` and `last` count, and what columns divide evenly.", default="step", words=AXIS)
    first: float | None = told("Begin of the window; left out: the curve's.", default=None)
    last: float | None = told("End of the window, inclusive; left out: the curve's.", default=None)
    smoothing: float = told("Weight of the past in a debiased moving average, 0 (none) to below 1.", default=0.0)


@message
class Point:
    """One record of a series."""

    step: int = told("Updates done.")
    seconds: float = told("Since the run began.", unit="s")
    value: float = told("The number.")


@message
class Curve:
    """One curve in columns from left to right, all lists of one length; columns without a record are left out.

    No spike is hidden: it is in `low` or `high`.
    """

    name: str = told("Of the series.")
    records: int = told("In the whole series.", default=0)
    first: Point | None = told("The series' first record.", default=None)
    last: Point | None = told("The series' last record.", default=None)
    before: Point | None = told("The last record before the window.", default=None)
    after: Point | None = told("The first record after the window.", default=None)
    column: tuple[int, ...] = told("The column's number, from 0.", default=(), unit="px")
    step: tuple[int, ...] = told("Step of the column's first record.", default=())
    seconds: tuple[float, ...] = told("Time of that record, since the run began.", default=(), unit="s")
    low: tuple[float, ...] = told("Least finite value; NaN where there is none.", default=())
    mean: tuple[float, ...] = told("Mean of the finite values; NaN where there is none.", default=())
    high: tuple[float, ...] = told("Greatest finite value; NaN where there is none.", default=())
    count: tuple[int, ...] = told("Finite values.", default=())
    nan: tuple[int, ...] = told("Values that are NaN; empty where there are none in the window.", default=())
    plus: tuple[int, ...] = told("Values that are +infinity; empty where there are none.", default=())
    minus: tuple[int, ...] = told("Values that are -infinity; empty where there are none.", default=())
    smooth: tuple[float, ...] = told("Moving average of the means; empty unless asked.", default=())


@message
class SeriesResult:
    """The curves that were asked for; those the run does not have are left out."""

    run: str = told("The run's id.")
    curves: tuple[Curve, ...] = told("In the order asked, or by name.", default=())


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
