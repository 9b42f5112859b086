"""What a client is sent without a request: runs that change, and the numbers, events and log of those it subscribed to.

Nothing is queued: of each run only positions are kept, and the next update holds all that came since the one before,
merged where that is much. So a client that reads slowly, or not at all, costs no memory, and other work goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from tunesmith.protocol.live import (
    EventsAppended,
    LogAppended,
    QueueChanged,
    RunChanged,
    Seen,
    SeriesAppended,
    SeriesPart,
    Subscribed,
    SubscribeParams,
)
from tunesmith.protocol.queue import Queue
from tunesmith.protocol.session import ClientOptions
from tunesmith.runs.cached import Stamp, is_settled, stamp_of
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.follow import Growth, News, RunFollower
from tunesmith.runs.watch import Change, RunsWatch
from tunesmith.server.messages.queue import as_message
from tunesmith.server.messages.run_details import event_message
from tunesmith.server.messages.run_summary import summary
from tunesmith.server.project import Project

log = logging.getLogger(__name__)

MOST_PER_SECOND = 10
AGAIN_S = 0.02  # from a look at a run with a worker that found nothing to the next one
SELDOM_S = 0.25  # between two looks at the list of runs, and at runs that ended
UNREAD_S = 0.05  # between two looks whether the client reads again

Message = tuple[str, Any]


@dataclass(slots=True)
class _Followed:
    """A run that the client subscribed to; `due` is when to look at it next (time.monotonic)."""

    run: RunFolder
    follower: RunFollower
    due: float = 0.0
    trouble: str = ""  # why it could not be read last time


class Live:
    """The live updates of one client. Belongs to its event loop; looks at files in threads.

    `notify(method, message)` sends to the client; `keep_up()` says whether it reads.
    """

    def __init__(
        self,
        project: Project,
        options: ClientOptions,
        *,
        notify: Callable[[str, Any], None],
        keep_up: Callable[[], bool],
    ) -> None:
        self._project, self._options = project, options
        self._notify, self._keep_up = notify, keep_up
        self._interval_s = 1 / max(1, min(MOST_PER_SECOND, options.updates_per_second))
        self._watch = RunsWatch(self._project.runs)
        self._begun = False
        self._next_list = 0.0
        self._followed: dict[str, _Followed] = {}
        self._changed: dict[str, Change] = {}  # not sent yet
        self._told: dict[str, float] = {}  # when the last change of a run was sent, for a moment
        self._queue: Queue | None = None  # as the client knows it
        self._queue_seen: Stamp | None = None
        self._looking = asyncio.Lock()
        self._woken = asyncio.Event()

    async def go(self) -> None:
        """Send what has changed, until it is cancelled."""
        while True:
            self._woken.clear()
            async with self._looking:
                if self._keep_up():
                    await self._tell()
                    delay_s = self._delay_s()
                else:
                    delay_s = UNREAD_S
            try:
                await asyncio.wait_for(self._woken.wait(), delay_s)
            except asyncio.TimeoutError:
                continue

    def wake(self, run_id: str = "") -> None:
        """Look now: something is about to happen to this run, or to the queue."""
        if run_id:
            self._watch.expect(run_id)
        self._next_list = 0.0
        self._woken.set()

    async def begin(self) -> None:
        """Know how everything stands: each change of what is read from now on will be sent."""
        if self._begun:
            return
        async with self._looking:
            if not self._begun:
                await asyncio.to_thread(self._begin)

    async def subscribe(self, run: RunFolder, params: SubscribeParams) -> Subscribed:
        """Follow `run` from where the client says; replaces an earlier subscription to it."""

        def begin() -> RunFollower:
            return RunFollower(
                run,
                names=params.series,
                seen={seen.name: max(0, seen.records) for seen in params.seen},
                events=params.events,
                after_event=params.after_event,
                log=params.log,
                log_offset=params.log_offset,
            )

        async with self._looking:  # so that nothing of the earlier subscription comes behind the answer
            follower = await asyncio.to_thread(begin)
            series = tuple(Seen(name=name, records=records) for name, records in follower.seen.items())
            found = Subscribed(run=run.id, series=series, log_offset=follower.log_offset, event=follower.event)
            self._followed[run.id] = _Followed(run, follower, due=time.monotonic() + AGAIN_S)
        self._woken.set()
        return found

    def unsubscribe(self, run_id: str) -> None:
        """Follow this run no more."""
        self._followed.pop(run_id, None)

    def _delay_s(self) -> float:
        due = min([self._next_list, *(each.due for each in self._followed.values())])
        return max(0.001, due - time.monotonic())

    # --- one look

    async def _tell(self) -> None:
        followed = list(self._followed.values())
        try:
            messages = await asyncio.to_thread(lambda: list(self._look(followed)))
        except Exception:
            log.exception("live updates")
            self._next_list = time.monotonic() + SELDOM_S
            return
        for method, message in messages:
            self._notify(method, message)

    def _look(self, followed: list[_Followed]) -> Iterator[Message]:
        """Everything that is to be sent now. In a thread."""
        now = time.monotonic()
        if now >= self._next_list:
            self._next_list = now + SELDOM_S
            yield from self._runs(now)
        for each in followed:
            if each.due <= now:
                yield from self._news(each)

    def _news(self, each: _Followed) -> Iterator[Message]:
        begun = time.monotonic()
        try:
            news = each.follower.new()
        except OSError as error:
            # Once: it is looked at again and again. Of a run that was moved or deleted the list of runs says so.
            if not isinstance(error, (FileNotFoundError, NotADirectoryError)) and each.trouble != str(error):
                log.warning("the folder of run %s cannot be read: %s", each.run.id, error)
            each.trouble = str(error)
            news = News()
        state = self._watch.state(each.run.id)
        rests = state is None or state.ended
        each.due = begun + (self._interval_s if news else SELDOM_S if rests else AGAIN_S)
        yield from _messages(each.run.id, news)

    def _begin(self) -> None:
        self._watch.look()
        self._queue = as_message(self._project.queue)
        self._begun = True

    def _runs(self, now: float) -> Iterator[Message]:
        if not self._begun:
            self._begin()
            return
        changes = self._watch.look()
        self._changed |= {change.run.id: change for change in changes}
        self._told = {name: at for name, at in self._told.items() if now - at < self._interval_s}
        everyone = self._options.watch_runs
        positions = {name: place for place, name in enumerate(self._project.queue.read().ids, start=1)}
        for name in [name for name in self._changed if name not in self._told]:
            change = self._changed.pop(name)
            if everyone or name in self._followed:
                self._told[name] = now
                line = summary(change.run, position=positions.get(name), state=change.state)
                yield "tunesmith/runChanged", RunChanged(run=line, gone=change.gone)
            if change.gone:
                self._followed.pop(name, None)
                self._project.windows.forget(change.run.path)
        if everyone:
            yield from self._waiting(turned=any(change.turns for change in changes))

    def _waiting(self, *, turned: bool) -> Iterator[Message]:
        """The queue, where the client does not know it like that."""
        written, now_ns = stamp_of(str(self._project.queue.file)), time.time_ns()
        if not turned and written == self._queue_seen:
            return
        self._queue_seen = written if is_settled([written], now_ns) else None
        before, self._queue = self._queue, as_message(self._project.queue)
        if before != self._queue:
            yield "tunesmith/queueChanged", QueueChanged(queue=self._queue)


def _messages(run_id: str, news: News) -> Iterator[Message]:
    if news.series:
        parts = tuple(_part(name, growth) for name, growth in news.series.items())
        yield "tunesmith/seriesAppended", SeriesAppended(run=run_id, parts=parts)
    if news.events:
        events = tuple(event_message(number, event) for number, event in news.events)
        yield "tunesmith/eventsAppended", EventsAppended(run=run_id, events=events)
    if news.log is not None:
        part = news.log
        yield (
            "tunesmith/logAppended",
            LogAppended(run=run_id, text=part.text, offset=part.offset, end=part.end, skipped=part.skipped),
        )


def _part(name: str, growth: Growth) -> SeriesPart:
    values = {item.name: getattr(growth, item.name) for item in fields(growth)}
    lists = {key: tuple(value) for key, value in values.items() if key not in ("first", "records")}
    return SeriesPart(name=name, first=growth.first, records=growth.records, **lists)
