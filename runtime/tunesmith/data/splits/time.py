"""By time: the model is judged by rows that are later than all it has learnt from."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tunesmith.data.arrays import in_order
from tunesmith.data.splits.contract import Divided, Leak, Undivided
from tunesmith.data.values import Refused, text
from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Split
from tunesmith.options import REQUIRED, Columns, Text

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
"""In seconds."""
GAP = r"\d+(?:\.\d+)?(?: (?:second|minute|hour|day|week)s?)?"
DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d)?(\.\d+)?)? ?(?:([Zz])|([+-])(\d\d):?(\d\d))?")
EPOCH = datetime(1970, 1, 1)

Time: TypeAlias = "str | float"
"""A date as text in ISO's form, in UTC, so that later ones sort behind; or a number."""


@dataclass(frozen=True, slots=True, eq=False)
class Gap(Text):
    """A length of time, or a number."""

    def parse(self, value: Any) -> str:
        plain_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return Text.parse(self, str(value) if plain_number else value)

    def json_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "number", "minimum": 0}, Text.json_schema(self)]}


MEMBER = Split(
    name="time",
    help="Takes the last rows by time: train is the past, validation what follows, test the end.",
    when="The model will be used on rows that come after those it learnt from: forecasts, news, sensors, sales.",
    options={
        "column": Columns(
            REQUIRED,
            most=1,
            help="The column with the time: dates as 2026-11-30, with a time 2026-11-30 14:05, or numbers that grow.",
            advice="The time at which the row was known, not at which it was written down later.",
        ),
        "gap": Gap(
            None,
            pattern=GAP,
            form="a length of time such as `7 days`, or a number where the column holds numbers",
            help="Rows that are nearer than this before a later part are left out; none leaves none out.",
            advice="As long as a row's answer takes to be known, or as its inputs look back.",
        ),
    },
    source="scikit-learn calls it TimeSeriesSplit",
)


def keys(options: Mapping[str, Any]) -> Callable[[Sequence[Any]], Time]:
    """What reads the time of a row from its cell; a date without a zone is one of UTC.

    Raises Refused for what is neither a date nor a number, and where a column mixes the two.
    """
    first: list[Time] = []

    def key(cells: Sequence[Any]) -> Time:
        found = _time(cells[0])
        if not first:
            first.append(found)
        if type(found) is not type(first[0]):
            raise Refused(f"is {_kind(found)}, where rows before have {_kind(first[0])}")
        return found

    return key


def _kind(time: Time) -> str:
    return "a date" if isinstance(time, str) else "a number"


def _time(cell: Any) -> Time:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = float(cell)
    else:
        written = (text(cell) or "").strip()
        if not written:
            raise Refused("is empty, so the row has no time")
        date = DATE.fullmatch(written)
        if date is not None:
            return _utc(date, written)
        try:
            number = float(written)
        except ValueError:
            raise Refused(f"is {written:.40}, neither a date such as 2026-11-30 nor a number") from None
    if not math.isfinite(number):
        raise Refused("is no finite number, so the row has no time")
    return number


def _utc(date: re.Match[str], written: str) -> str:
    day, minute, second, fraction, _, sign, hours, minutes = date.groups()
    try:
        found = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}{(fraction or '.0'):0<7.7}")
    except ValueError as error:
        raise Refused(f"is {written:.40}, and there is no such date: {error}") from None
    if sign:
        found -= timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    return found.isoformat(timespec="milliseconds")


def _number(time: Time) -> float:
    return time if isinstance(time, float) else (datetime.fromisoformat(time) - EPOCH).total_seconds()


def _shown(time: Time) -> str:
    return f"{time:g}" if isinstance(time, float) else time.removesuffix(".000").removesuffix("T00:00:00")


def _width(gap: str | None, times: Sequence[Time]) -> float:
    """The gap as a number, in seconds between dates. Raises TunesmithError job.gap-does-not-fit."""
    if gap is None or not len(times):
        return 0.0
    number, _, unit = gap.partition(" ")
    if bool(unit) != isinstance(times[0], str):
        raise TunesmithError(
            "job.gap-does-not-fit",
            f"the column holds {_kind(times[0]).removeprefix('a ')}s, and the gap is of another kind",
            place=Place(key="data.split.time.gap"),
            found=gap,
            allowed=("a length of time such as `7 days`",) if isinstance(times[0], str) else ("a number",),
        )
    return float(number) * (UNITS[unit.removesuffix("s")] if unit else 1)


def divide(undivided: Undivided, *, column: Sequence[str], gap: str | None) -> Divided:
    """The parts: train before validation before test. Rows of one time stay in one part."""
    keys = undivided.keys
    width = _width(gap, keys)
    times = array("d", map(_number, keys))
    order = in_order(array("i", range(undivided.count)), times)
    ordered = array("d", map(times.__getitem__, order))
    parts: dict[str, Sequence[int]] = {}
    sentences: list[str] = []
    end, left_out = len(order), 0
    for name in ("test", "validation"):
        if name in undivided.shares:
            begin = _cut(ordered, end, max(1, round(undivided.count * undivided.shares[name])))
            parts[name] = array("i", sorted(order[begin:end]))
            if begin < end:
                sentences.insert(0, f"{end - begin:,} in {name} from {_shown(keys[order[begin]])}")
                before = bisect_right(ordered, ordered[begin] - width, 0, begin) if width else begin
                begin, left_out = before, left_out + begin - before
            end = begin
    parts["train"] = array("i", sorted(order[:end]))
    last = f" to {_shown(keys[order[end - 1]])}" if end else ""
    sentences.insert(0, f"Split by {column[0]}: {end:,} rows in training{last}")
    sentences += [f"{left_out:,} in gaps are left out"] if left_out else []
    return Divided(
        rows={name: parts[name] for name in ("train", *undivided.shares)}, description=", ".join(sentences) + "."
    )


def _cut(ordered: Sequence[float], end: int, size: int) -> int:
    """Where the last `size` of the first `end` times begin: at the nearest place between two different times, so that
    something is left before it."""
    at = max(1, end - size)
    if at >= end or ordered[at - 1] < ordered[at]:
        return min(at, end)
    low, high = bisect_left(ordered, ordered[at], 0, end), bisect_right(ordered, ordered[at], 0, end)
    return low if low > 0 and (at - low <= high - at or high == end) else high


def leaks(
    name: str, train: Sequence[Time], part: Sequence[Time], *, column: Sequence[str], gap: str | None
) -> list[Leak]:
    """Rows of a part that are not later than all training rows, by the gap where there is one."""
    last, width = max(train), _width(gap, train)
    allowed_from = _number(last) + width
    early = [row for row, time in enumerate(map(_number, part)) if time < allowed_from or time <= _number(last)]
    if not early:
        return []
    return [
        Leak(
            code="data.time-order",
            message=f"{len(early):,} of {len(part):,} rows of {name} are not later than the training rows"
            f"{f' by {gap}' if gap else ''}: the model may have learnt what came after them",
            rows=early,
            found=f"train ends with {column[0]} {_shown(last)}, {name} begins with {_shown(min(part))}",
            hint=f"give the rows as one file and a share of it, such as `{name}: 10%`, which is cut by time",
        )
    ]
