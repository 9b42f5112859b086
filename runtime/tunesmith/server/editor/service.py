"""Job files as a language of the server: what is asked of a document becomes pure answers and questions to helpers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob, TunesmithError
from tunesmith.pages import error_page
from tunesmith.server.documents import Document, Json, Language
from tunesmith.server.editor import lsp_answers
from tunesmith.server.editor.completion import complete
from tunesmith.server.editor.diagnostics import Finding
from tunesmith.server.editor.fixes import fixes_for, remedy
from tunesmith.server.editor.formatting import format_edits
from tunesmith.server.editor.hints import hints
from tunesmith.server.editor.hover import hover
from tunesmith.server.editor.lenses import commands
from tunesmith.server.editor.lookups import Lookups
from tunesmith.server.editor.open_job import JobServices, OpenJob
from tunesmith.server.editor.outline import folds, symbols
from tunesmith.server.editor.places import Target, target_at
from tunesmith.server.editor.semantic_tokens import tokens

if TYPE_CHECKING:
    from tunesmith.protocol.jobs import Estimate
    from tunesmith.server.client_server import ClientServer

log = logging.getLogger(__name__)


class JobFiles(Language):
    """One for each client."""

    def __init__(self, server: ClientServer) -> None:
        self._server = server
        self._session = server.session
        self._catalog = Catalog()
        self._lookups = Lookups(server.session)
        self._open_jobs: dict[str, OpenJob] = {}

    # --- what happens to documents

    def changed(self, document: Document) -> None:
        open_job = self._open_jobs.get(document.uri)
        if open_job is None:
            open_job = OpenJob(
                document, JobServices(self._session, self._catalog, self._lookups, self._publish, self._refresh)
            )
            self._open_jobs[document.uri] = open_job
        open_job.changed()

    def saved(self, document: Document) -> None:
        self._open_jobs[document.uri].saved()

    def beside_changed(self, document: Document) -> None:
        self._open_jobs[document.uri].look_again()

    def closed(self, document: Document) -> None:
        self._open_jobs.pop(document.uri).close()

    def _publish(self, document: Document, version: int | None, findings: Sequence[Finding]) -> None:
        diagnostics = [lsp_answers.diagnostic(document, finding) for finding in findings]
        self._server.publish(document.uri, version, diagnostics)

    async def _refresh(self) -> None:
        """Let the client ask for hints and lenses again."""
        workspace = self._server.client_capabilities.workspace
        hints, lenses = (workspace.inlay_hint, workspace.code_lens) if workspace else (None, None)
        try:
            if hints is not None and hints.refresh_support:
                await self._server.workspace_inlay_hint_refresh_async(None)
            if lenses is not None and lenses.refresh_support:
                await self._server.workspace_code_lens_refresh_async(None)
        except JsonRpcException as error:
            log.debug("the client refreshes nothing: %s", error)

    async def estimate(self, document: Document) -> Estimate:
        """What a run of the open job will take, with steps that are really taken. Raises the job's errors."""
        open_job = self._open_jobs[document.uri]
        found = await open_job.look_ahead(measure=True)
        if found is None:
            raise InvalidJob([finding.problem for finding in open_job.findings])
        return found

    # --- what is asked

    async def completion(self, document: Document, offset: int) -> Any:
        found = complete(document.text, offset, self._catalog, document.path.parent, snippets=self._snippets())
        if found is None:
            return None
        span = document.range(found.start, found.end)
        more = await asyncio.gather(*(self._lookups.items(lookup, found) for lookup in found.lookups))
        asked = found.following([item for listed in more for item in listed])
        items = [lsp_answers.item(document, each, span) for each in (*found.items, *asked)]
        return {"isIncomplete": found.is_open, "items": items}

    def _snippets(self) -> bool:
        text = self._server.client_capabilities.text_document
        asked = text.completion.completion_item if text and text.completion else None
        return bool(asked and asked.snippet_support)

    async def resolve(self, item: types.CompletionItem) -> Any:
        data: Json = item.data if isinstance(item.data, dict) else {}
        open_job = self._open_jobs.get(str(data.get("uri")))
        name = data.get("name")
        if open_job is None or not isinstance(name, str):
            return item
        words = await self._python_words(name, open_job)
        if words:
            item.documentation = types.MarkupContent(kind=types.MarkupKind.Markdown, value=words)
        return item

    async def _python_words(self, name: str, open_job: OpenJob) -> str:
        try:
            found = await self._lookups.python("describe", name, open_job.view.folder)
        except TunesmithError as error:
            log.debug("nothing is known of %s: %s", name, error)
            return ""
        signature = f"```python\n{found['signature']}\n```\n\n" if found["signature"] else ""
        return f"{signature}{found['words']}".strip()

    async def hover(self, document: Document, offset: int) -> Any:
        open_job = self._open_jobs[document.uri]
        found = hover(open_job.tree, offset, self._catalog, document.path.parent)
        parts = [found.words] if found and found.words else []
        if found is not None and found.python:
            parts.append(await self._python_words(found.python, open_job))
        under = [finding.problem.code for finding in open_job.findings if finding.start <= offset <= finding.end]
        parts += [f"**{code}**\n\n{error_page(code)}" for code in dict.fromkeys(under) if error_page(code)]
        parts = [text for text in parts if text]
        if not parts:
            return None
        made: Json = {"contents": lsp_answers.markdown("\n\n---\n\n".join(parts))}
        return {**made, "range": document.range(found.start, found.end)} if found else made

    async def definition(self, document: Document, offset: int) -> Any:
        open_job = self._open_jobs[document.uri]
        target = target_at(open_job.view, offset)
        return None if target is None else await self._location(open_job, target)

    async def _location(self, open_job: OpenJob, target: Target) -> Json | None:
        line = column = 0
        file = target.file
        if target.python:
            try:
                found = await self._lookups.python("locate", target.python, open_job.view.folder)
            except TunesmithError as error:
                log.debug("%s was not found: %s", target.python, error)
                return None
            if found is None:
                return None
            file, line, column = Path(found["file"]), found["line"] - 1, found["column"]
        elif target.column:
            file = open_job.data_file()
        if file is None:
            return None
        at = {"line": line, "character": column}
        return {"uri": file.absolute().as_uri(), "range": {"start": at, "end": at}}

    async def actions(self, document: Document, start: int, end: int, context: types.CodeActionContext) -> Any:
        wanted = context.only
        if wanted and not any(str(kind) in ("quickfix", "") for kind in wanted):
            return []
        open_job = self._open_jobs[document.uri]
        made = []
        for finding in open_job.findings:
            if finding.start > end or finding.end < start:
                continue
            mends = [lsp_answers.diagnostic(document, finding)]
            fixes = fixes_for(finding, open_job.view)
            for title, overrides in open_job.remedies(finding):
                fixes += remedy(title, overrides, open_job.view)
            made += [lsp_answers.action(document, fix, mends) for fix in fixes]
        return made

    async def lenses(self, document: Document) -> Any:
        open_job = self._open_jobs[document.uri]
        entries = open_job.tree.root.entries
        at = document.range(entries[0].start, entries[0].end) if entries else document.range(0, 0)
        runs = await open_job.runs()
        return [{"range": at, "command": command} for command in commands(document.uri, runs)]

    async def hints(self, document: Document, start: int, end: int) -> Any:
        open_job = self._open_jobs[document.uri]
        return [
            {
                "position": document.position(hint.offset),
                "label": hint.text,
                "paddingLeft": True,
                **({"tooltip": lsp_answers.markdown(hint.tip)} if hint.tip else {}),
            }
            for hint in hints(open_job.tree, open_job.facts, open_job.estimate)
            if start <= hint.offset <= end
        ]

    async def symbols(self, document: Document) -> Any:
        return [lsp_answers.symbol(document, each) for each in symbols(self._open_jobs[document.uri].tree)]

    async def folds(self, document: Document) -> Any:
        return [
            {"startLine": first, "endLine": last, **({"kind": "comment"} if is_comment else {})}
            for first, last, is_comment in folds(self._open_jobs[document.uri].tree)
        ]

    async def formatting(self, document: Document, options: types.FormattingOptions) -> Any:
        step = options.tab_size if 1 <= options.tab_size <= 8 else 2
        return lsp_answers.text_edits(document, format_edits(document.text, step=step))

    async def tokens(self, document: Document) -> Any:
        return lsp_answers.semantic(document, tokens(self._open_jobs[document.uri].view))
