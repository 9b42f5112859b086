"""One open job: its tree, and what is found about it while it is edited.

Schema and combinations are judged a moment after an edit; the data somewhat later, in the helper process for data,
and only when something changed that it depends on; the estimate when the job is opened or saved. A new edit cancels
what is not finished.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.catalog import Catalog
from tunesmith.errors import Place, Problem, Severity, TunesmithError, problem_from
from tunesmith.files import expanded
from tunesmith.job.job import Job
from tunesmith.server.documents import Document
from tunesmith.server.editor.diagnostics import Finding, Judged, judge, judge_plain, placed
from tunesmith.server.editor.lookups import Lookups, code_stamp, file_stamp
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.shape import View
from tunesmith.server.editor.tree import Tree
from tunesmith.trust import CALLABLE

if TYPE_CHECKING:
    from tunesmith.protocol.jobs import Estimate
    from tunesmith.protocol.problems import Found
    from tunesmith.protocol.runs import RunSummary
    from tunesmith.server.session import Session

log = logging.getLogger(__name__)
JUDGE_AFTER_S = 0.01
DATA_AFTER_S = 0.4
ESTIMATE_AFTER_S = 2.0
CODE_S = 1.0
MOST_RUNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What a check of the data found, and the part of the job that it rests on."""

    rests_on: object
    problems: Sequence[Problem]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobServices:
    """What an open job needs of the server. `publish` shows findings; `refresh` lets the client ask for hints again."""

    session: Session
    catalog: Catalog
    lookups: Lookups
    publish: Callable[[Document, int | None, Sequence[Finding]], None]
    refresh: Callable[[], Coroutine[Any, Any, None]]


class OpenJob:
    """Belongs to one document of one session."""

    def __init__(self, document: Document, services: JobServices) -> None:
        self.document = document
        self.findings: list[Finding] = []
        self._services = services
        self._tree: Tree | None = None
        self._judged: Judged | None = None
        self._judged_text: str | None = None
        self._data: Data | None = None
        self._estimate: tuple[object, Estimate] | None = None
        self._judging: asyncio.Task[None] | None = None
        self._estimating: asyncio.Task[None] | None = None
        self._code_known: tuple[float, Path, object] | None = None

    # --- what is known

    @property
    def tree(self) -> Tree:
        """The tree of the text as it is now."""
        if self._tree is None or self._tree.text is not self.document.text:
            self._tree = scan(self.document.text)
        return self._tree

    @property
    def view(self) -> View:
        """The tree beside the catalog and the folder."""
        return View(tree=self.tree, catalog=self._services.catalog, home=self.document.path.parent)

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """Rows and labels, as far as the data of this job was checked."""
        job = self._judged.job if self._judged else None
        return self._data.facts if job and self._data and self._data.rests_on == self._data_rests_on(job) else None

    @property
    def estimate(self) -> Estimate | None:
        """What a run of this job will take, as far as it was estimated."""
        job = self._judged.job if self._judged else None
        return (
            self._estimate[1] if job and self._estimate and self._estimate[0] == self._estimate_rests_on(job) else None
        )

    def data_file(self) -> Path | None:
        """The file of the training rows."""
        source = self.tree.scalar("data", "train")
        file = self.view.folder / expanded(source) if source else None
        return file if file is not None and file.is_file() else None

    def remedies(self, finding: Finding) -> Iterator[tuple[str, Sequence[str]]]:
        """What the estimate says would make a run fit that does not."""
        if self.estimate is None or finding.problem.code not in {each.code for each in self.estimate.problems}:
            return
        for each in self.estimate.remedies:
            yield each.message, each.overrides

    async def runs(self) -> Sequence[RunSummary]:
        """The runs of this job, newest first."""
        from tunesmith.protocol.runs import RunsParams
        from tunesmith.server.methods.runs import answer

        try:
            found = await answer(self._services.session, RunsParams(job=str(self.document.path), limit=MOST_RUNS))
        except (TunesmithError, OSError) as error:
            log.debug("no runs: %s", error)
            return ()
        return found.runs

    # --- what happens

    def changed(self) -> None:
        """The text is another one now."""
        is_new = self._judging is None
        self._judging = self._again(self._judging, self._judge(), "diagnostics")
        if is_new:
            self.saved()
            if CALLABLE.search(self.document.text):
                self._again(None, self._services.lookups.warm(self.view.folder), "the first look at Python")

    def saved(self) -> None:
        """A moment to look at what takes longer."""
        self._estimating = self._again(self._estimating, self._estimate_soon(), "estimate")

    def look_again(self) -> None:
        """A file that the job may rest on was changed."""
        self._code_known = None
        self._judging = self._again(self._judging, self._judge(), "diagnostics")

    def close(self) -> None:
        """The document is no longer open: nothing is shown of it."""
        for task in (self._judging, self._estimating):
            if task is not None:
                task.cancel()
        self._services.publish(self.document, None, [])

    def _again(
        self, before: asyncio.Task[None] | None, work: Coroutine[Any, Any, None], name: str
    ) -> asyncio.Task[None]:
        if before is not None:
            before.cancel()
        task = self._services.session.spawn(work, name=f"{name} of {self.document.path.name}")
        task.add_done_callback(_log_failure)
        return task

    async def _judge(self) -> None:
        await asyncio.sleep(JUDGE_AFTER_S)
        text = self.document.text
        await self._judge_text(text)
        job = self._judged.job if self._judged else None
        if job is None:
            return
        rests_on = self._data_rests_on(job)
        if self._data is not None and self._data.rests_on == rests_on:
            return
        await asyncio.sleep(DATA_AFTER_S)
        try:
            found = await self._services.lookups.check(self.document.path, text)
        except TunesmithError as error:
            log.info("the data of %s was not checked: %s", self.document.path, error)
            return
        # A check says again what the job's text alone says; that belongs to the text and goes with it.
        reported = self._judged.problems if self._judged else ()
        problems = _beside(reported, [problem_from(fields) for fields in found["problems"]])
        self._data = Data(rests_on=rests_on, problems=problems, facts=found)
        self._show()
        await self._services.refresh()
        is_good = self._judged is not None and self._judged.is_good
        if is_good and self._estimate is None and (self._estimating is None or self._estimating.done()):
            self.saved()  # the job is good for the first time

    async def _judge_text(self, text: str) -> None:
        path, catalog = self.document.path, self._services.catalog
        judged = judge_plain(text, path, catalog)
        if judged is None:
            judged = await self._services.session.in_thread(lambda: judge(text, path, catalog))
        self._judged, self._judged_text = judged, text
        self._show()

    def _show(self) -> None:
        """Publish what is known of the text as it is now; findings about an older text are dropped."""
        if self._judged_text is not self.document.text:
            return
        judged = self._judged or Judged(problems=())
        problems = list(judged.problems)
        if self._data is not None and self.facts is not None:
            problems += _beside(problems, self._data.problems)
        if self.estimate is not None:
            problems += [_of_estimate(each) for each in self.estimate.problems]
        self.findings = placed(problems, self.tree, self.document.path)
        self._services.publish(self.document, self.document.version, self.findings)

    def _data_rests_on(self, job: Job) -> object:
        """What of a job its data check depends on, with the state of its files: all but when to look and save."""
        whole = {each.name: getattr(job, each.name) for each in fields(job)}
        parts = {key: part for key, part in whole.items() if key not in ("evaluation", "checkpoints")}
        return repr(parts), self._files(job), self._services.session.trusted

    def _estimate_rests_on(self, job: Job) -> object:
        return repr(job), self._files(job), self._services.session.trusted

    def _files(self, job: Job) -> tuple[object, ...]:
        named = (job.data.train, job.data.validation, job.data.test)
        files = tuple(file_stamp(job.resolve(file)) for file in named if isinstance(file, str))
        return (*files, self._code(job.folder)) if CALLABLE.search(self.document.text) else files

    def _code(self, folder: Path) -> object:
        """The state of the project's code, looked up no more often than a user could change it."""
        now = time.monotonic()
        if self._code_known is None or now - self._code_known[0] > CODE_S or self._code_known[1] != folder:
            self._code_known = now, folder, code_stamp(folder)
        return self._code_known[2]

    # --- the estimate

    async def _estimate_soon(self) -> None:
        await asyncio.sleep(ESTIMATE_AFTER_S)
        try:
            await self.look_ahead(measure=False)
        except TunesmithError as error:
            # A job that cannot be estimated, such as one whose model is not here, is reported on request.
            level = logging.WARNING if error.code in ("estimate.failed", "server.timeout") else logging.INFO
            log.log(level, "%s was not estimated: %s", self.document.path, error)

    async def look_ahead(self, *, measure: bool) -> Estimate | None:
        """Estimate the job as it stands, and show what comes out; None where it has errors. `measure`: take real
        steps, for the time. Raises what the estimate raises."""
        from tunesmith.server.programs.estimate import estimate

        text = self.document.text
        await self._judge_text(text)
        judged = self._judged if self._judged_text is text else None
        if judged is None or judged.job is None or not judged.is_good:
            return None
        job = judged.job
        rests_on = self._estimate_rests_on(job)
        known = self._estimate
        if known is None or known[0] != rests_on or (measure and not known[1].measured):
            trusted = self._services.session.trusted
            found = await estimate(self.document.path, text=text, overrides=(), measure=measure, trusted=trusted)
            self._estimate = rests_on, found
            self._show()
            await self._services.refresh()
        return self._estimate[1] if self._estimate else None


def _log_failure(task: asyncio.Task[None]) -> None:
    """A task that failed is a mistake of ours; nobody waits for it, so it is logged here."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed", task.get_name(), exc_info=error)


def _beside(known: Sequence[Problem], found: Sequence[Problem]) -> list[Problem]:
    """The findings that are not reported already. Places in the job are compared by their key alone: lines move."""
    reported = {(problem.code, problem.place.key) for problem in known}
    fresh = [problem for problem in found if (problem.code, problem.place.key) not in reported]
    return [
        replace(problem, place=replace(problem.place, line=None, column=None)) if problem.place.key else problem
        for problem in fresh
    ]


def _of_estimate(found: Found) -> Problem:
    severity: Severity = "error" if found.severity == "error" else "warning" if found.severity == "warning" else "info"
    place = Place(key=found.key)
    return Problem(code=found.code, message=found.message, place=place, hint=found.hint, severity=severity)
