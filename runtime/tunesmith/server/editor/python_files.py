"""Python files as a language of the server: what the rules find, why, and what mends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError
from tunesmith.inspections.as_json import as_examined
from tunesmith.inspections.contract import Failure, Finding, Fix, Position, Range
from tunesmith.inspections.reference import hover
from tunesmith.members import Inspection
from tunesmith.pages import file_of
from tunesmith.server.documents import Document, Json, Language
from tunesmith.server.editor.carried_findings import moved

if TYPE_CHECKING:
    from tunesmith.server.client_server import ClientServer

log = logging.getLogger(__name__)
INSPECT_AFTER_S = 0.03
DEADLINE_S = 20.0
SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}


@dataclass(slots=True)
class _Page:
    """What is known of one open file: the findings of `text`, and the task that looks at a newer one."""

    text: str = ""
    findings: list[Finding] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)  # codes of the rules whose failure was reported
    task: asyncio.Task[None] | None = None


class PythonFiles(Language):
    """One for each client. The rules work in a helper process: they hold up neither the server nor completion."""

    def __init__(self, server: ClientServer) -> None:
        self._server = server
        self._session = server.session
        self._pages: dict[str, _Page] = {}

    def changed(self, document: Document) -> None:
        page = self._pages.setdefault(document.uri, _Page())
        if page.task is not None:
            page.task.cancel()
        page.task = self._session.spawn(self._inspect(document, page), name=f"inspections of {document.path.name}")

    def closed(self, document: Document) -> None:
        page = self._pages.pop(document.uri)
        if page.task is not None:
            page.task.cancel()
        self._publish(document, None, [])

    async def _inspect(self, document: Document, page: _Page) -> None:
        await asyncio.sleep(INSPECT_AFTER_S)
        text, version = document.text, document.version
        try:
            found = await self._session.hub.lanes.inspections.ask(
                "tunesmith.inspections.as_json:inspect_text",
                {"text": text, "path": str(document.path)},
                timeout_s=DEADLINE_S,
            )
        except TunesmithError as error:
            self._tell(f"{document.path.name} was not inspected: {error}")
            page.findings = []  # those of another text say nothing of this one
        else:
            if found is None:  # in the middle of an edit
                page.findings = moved(page.findings, page.text, text)
            else:
                examined = as_examined(found)
                page.findings = list(examined.findings)
                self._tell_failures(document, page, examined.failures)
        page.text = text
        self._publish(document, version, [_diagnostic(document, each) for each in page.findings])

    def _tell_failures(self, document: Document, page: _Page, failures: Sequence[Failure]) -> None:
        """Name each rule that failed on a file, once while the file is open and not at every key."""
        for each in failures:
            if each.code not in page.failed:
                page.failed.add(each.code)
                self._tell(f"{document.path.name}: {each}")

    def _tell(self, message: str) -> None:
        log.warning(message)
        self._server.notify(types.WINDOW_LOG_MESSAGE, {"type": types.MessageType.Warning.value, "message": message})

    def _publish(self, document: Document, version: int | None, diagnostics: list[Json]) -> None:
        self._server.publish(document.uri, version, diagnostics)

    async def hover(self, document: Document, offset: int) -> Any:
        at = document.position(offset)
        under = [each for each in self._fresh(document) if _within(document, each.range, at)]
        if not under:
            return None
        parts = [f"{each.message}\n\n{hover(_member(each.name))}" for each in under]
        words = {"kind": types.MarkupKind.Markdown.value, "value": "\n\n---\n\n".join(parts)}
        return {"contents": words, "range": _range(document, under[0].range)}

    async def actions(self, document: Document, start: int, end: int, context: types.CodeActionContext) -> Any:
        if context.only and not any(str(kind) in ("quickfix", "") for kind in context.only):
            return []
        first, last = _position(document, start), _position(document, end)
        return [
            _action(document, each, fix)
            for each in self._fresh(document)
            if each.range.start <= last and first <= each.range.end
            for fix in each.fixes
        ]

    def _fresh(self, document: Document) -> list[Finding]:
        """The findings, if they are of the text as it is now."""
        page = self._pages[document.uri]
        return page.findings if page.text == document.text else []


def _diagnostic(document: Document, finding: Finding) -> Json:
    made: Json = {
        "range": _range(document, finding.range),
        "severity": SEVERITIES[finding.severity].value,
        "code": finding.code,
        "source": "tunesmith",
        "message": finding.message,
        "data": {"page": hover(_member(finding.name))},
    }
    page = file_of("inspections.md")
    if page is not None:
        made["codeDescription"] = {"href": f"{page.as_uri()}#{finding.link.rpartition('#')[2]}"}
    return made


def _action(document: Document, finding: Finding, fix: Fix) -> Json:
    edits = [{"range": _range(document, edit.range), "newText": edit.text} for edit in fix.edits]
    change = {"textDocument": {"uri": document.uri, "version": document.version}, "edits": edits}
    return {
        "title": fix.title,
        "kind": types.CodeActionKind.QuickFix.value,
        "diagnostics": [_diagnostic(document, finding)],
        "isPreferred": fix.is_safe,
        "edit": {"documentChanges": [change]},
    }


def _range(document: Document, place: Range) -> Json:
    start, end = place.start, place.end
    return {"start": document.place(start.line, start.column), "end": document.place(end.line, end.column)}


def _position(document: Document, offset: int) -> Position:
    """The line and column of an offset, in characters."""
    line = document.position(offset)["line"]
    return Position(line, offset - document.starts[line])


def _within(document: Document, place: Range, at: Json) -> bool:
    found = _range(document, place)
    inside = [(each["line"], each["character"]) for each in (found["start"], at, found["end"])]
    return inside == sorted(inside)


@lru_cache(maxsize=1)
def _members() -> dict[str, Inspection]:
    return {name: entry.member for name, entry in Catalog().inspections.items()}


def _member(name: str) -> Inspection:
    return _members()[name]
