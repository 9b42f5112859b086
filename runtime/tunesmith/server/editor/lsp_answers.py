"""The editor's answers as LSP defines them: plain JSON, which is written much faster than objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lsprotocol import types

from tunesmith.errors import problem_fields
from tunesmith.pages import error_link, error_page
from tunesmith.server.documents import Document, Json
from tunesmith.server.editor.diagnostics import Finding
from tunesmith.server.editor.edits import Edit
from tunesmith.server.editor.fixes import Fix
from tunesmith.server.editor.items import Item, ItemKind
from tunesmith.server.editor.outline import Symbol
from tunesmith.server.editor.semantic_tokens import Token
from tunesmith.server.editor.token_types import TOKEN_TYPES

KINDS: dict[ItemKind, types.CompletionItemKind] = {
    "key": types.CompletionItemKind.Property,
    "section": types.CompletionItemKind.Module,
    "member": types.CompletionItemKind.EnumMember,
    "value": types.CompletionItemKind.Value,
    "column": types.CompletionItemKind.Field,
    "file": types.CompletionItemKind.File,
    "folder": types.CompletionItemKind.Folder,
    "module": types.CompletionItemKind.Module,
    "callable": types.CompletionItemKind.Function,
    "argument": types.CompletionItemKind.Variable,
}
SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
UNTRUSTED = "job.untrusted"


def markdown(words: str) -> Json:
    """Marked-up text."""
    return {"kind": types.MarkupKind.Markdown.value, "value": words}


def item(document: Document, found: Item, span: Json) -> Json:
    """An entry of a completion list; `span` is the range that it replaces."""
    made: Json = {
        "label": found.label,
        "kind": KINDS[found.kind].value,
        "sortText": f"{found.order:05}",
        "filterText": found.text.strip() if found.kind in ("file", "folder", "module", "callable") else found.label,
        "textEdit": {"range": span, "newText": found.text},
    }
    if found.detail:
        made["detail"] = found.detail
    if found.words:
        made["documentation"] = markdown(found.words)
    if found.snippet:
        made["insertTextFormat"] = types.InsertTextFormat.Snippet.value
        made["insertTextMode"] = types.InsertTextMode.AdjustIndentation.value
    if found.name:
        made["data"] = {"uri": document.uri, "name": found.name}
    return made


def diagnostic(document: Document, finding: Finding) -> Json:
    """A finding with its code, its page and what a client may show of it."""
    problem = finding.problem
    severity = "info" if problem.code == UNTRUSTED else problem.severity
    made: Json = {
        "range": document.range(finding.start, finding.end),
        "severity": SEVERITIES[severity].value,
        "code": problem.code,
        "source": "tunesmith",
        "message": _message_of(finding),
        "data": {"problem": problem_fields(problem), "page": error_page(problem.code)},
    }
    if link := error_link(problem.code):
        made["codeDescription"] = {"href": link}
    where = finding.elsewhere
    if where is not None and where.file is not None and where.file.is_absolute():
        row = max((where.line or 1) - 1, 0)
        at = {"line": row, "character": max((where.column or 1) - 1, 0)}
        place = {"uri": where.file.as_uri(), "range": {"start": at, "end": at}}
        made["relatedInformation"] = [{"location": place, "message": problem.message}]
    return made


def _message_of(finding: Finding) -> str:
    """The message with what was found and allowed, as on a terminal."""
    problem = finding.problem
    where = finding.elsewhere
    prefix = f"{where.file.name}{f':{where.line}' if where.line else ''}: " if where and where.file else ""
    lines = [prefix + problem.message]
    lines += [f"found: {problem.found}"] if problem.found else []
    lines += [f"allowed: {', '.join(problem.allowed)}"] if problem.allowed else []
    lines += [f"hint: {problem.hint}"] if problem.hint else []
    return "\n".join(lines)


def text_edits(document: Document, edits: Iterable[Edit]) -> list[Json]:
    """Edits of a document."""
    return [{"range": document.range(edit.start, edit.end), "newText": edit.text} for edit in edits]


def action(document: Document, fix: Fix, mends: Sequence[Any]) -> Json:
    """A quick fix for the diagnostics that it mends."""
    change = {
        "textDocument": {"uri": document.uri, "version": document.version},
        "edits": text_edits(document, fix.edits),
    }
    return {
        "title": fix.title,
        "kind": types.CodeActionKind.QuickFix.value,
        "diagnostics": list(mends),
        "isPreferred": fix.preferred,
        "edit": {"documentChanges": [change]},
    }


def symbol(document: Document, found: Symbol) -> Json:
    """An entry of the outline."""
    kind = types.SymbolKind.Namespace if found.is_section else types.SymbolKind.Property
    return {
        "name": found.name,
        "detail": found.detail,
        "kind": kind.value,
        "range": document.range(found.start, max(found.end, found.name_end)),
        "selectionRange": document.range(found.start, found.name_end),
        "children": [symbol(document, inner) for inner in found.inside],
    }


def semantic(document: Document, found: Iterable[Token]) -> Json:
    """Tokens in LSP's encoding: each relative to the one before."""
    data: list[int] = []
    row = column = 0
    for start, end, colour in found:
        begins, ends = document.position(start), document.position(end)
        line, character = begins["line"], begins["character"]
        data += [line - row, character - (column if line == row else 0), ends["character"] - character]
        data += [TOKEN_TYPES.index(colour), 0]
        row, column = line, character
    return {"data": data}
