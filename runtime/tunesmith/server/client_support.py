"""What a client can read, and answers in the form that it can: LSP lets a client leave out almost everything.

Languages answer in the richest form; `Client` reduces it. Old editors say less than they can do, so nothing is sent
that was not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lsprotocol import types

Json = dict[str, Any]
FENCE = re.compile(r"^```\w*\n?", re.MULTILINE)
EMPHASIS = re.compile(r"\*\*(.+?)\*\*|`([^`\n]+)`")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


class Client:
    """The abilities that a client's `initialize` named."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        text = capabilities.text_document
        edit = capabilities.workspace.workspace_edit if capabilities.workspace else None
        hover, completion = (text.hover, text.completion) if text else (None, None)
        item = completion.completion_item if completion else None
        action = text.code_action if text else None
        outline = text.document_symbol if text else None
        published = text.publish_diagnostics if text else None
        self._hover_markdown = _takes_markdown(hover.content_format if hover else None)
        self._item_markdown = _takes_markdown(item.documentation_format if item else None)
        self._insert_mode = bool(item and item.insert_text_mode_support)
        self._document_changes = bool(edit and edit.document_changes)
        self._action_literals = bool(action and action.code_action_literal_support)
        self._preferred = bool(action and action.is_preferred_support)
        self._symbol_tree = bool(outline and outline.hierarchical_document_symbol_support)
        self._related = bool(published and published.related_information)
        self._code_pages = bool(published and published.code_description_support)

    def hover(self, answer: Json | None) -> Json | None:
        """A hover, its words without marks where the client shows none."""
        if answer is None or self._hover_markdown:
            return answer
        return {**answer, "contents": _plain(answer["contents"])}

    def completion(self, answer: Json | None) -> Json | None:
        """A completion list."""
        if answer is None or (self._item_markdown and self._insert_mode):
            return answer
        return {**answer, "items": [self._item(item) for item in answer["items"]]}

    def resolved(self, item: types.CompletionItem) -> types.CompletionItem:
        """An item of such a list with its documentation."""
        documentation = item.documentation
        if not self._item_markdown and isinstance(documentation, types.MarkupContent):
            item.documentation = plain_text(documentation.value)
        return item

    def _item(self, item: Json) -> Json:
        made = dict(item)
        if not self._item_markdown and isinstance(made.get("documentation"), Mapping):
            made["documentation"] = _plain(made["documentation"])
        if not self._insert_mode:
            made.pop("insertTextMode", None)
        return made

    def actions(self, answer: Sequence[Json] | None) -> list[Json] | None:
        """Quick fixes; none for a client that takes only commands."""
        if answer is None:
            return None
        return [self._action(action) for action in answer] if self._action_literals else []

    def _action(self, action: Json) -> Json:
        made = dict(action)
        if not self._preferred:
            made.pop("isPreferred", None)
        changes = action.get("edit", {}).get("documentChanges")
        if changes is not None and not self._document_changes:
            made["edit"] = {"changes": {each["textDocument"]["uri"]: each["edits"] for each in changes}}
        return made

    def symbols(self, uri: str, answer: Sequence[Json] | None) -> list[Json] | None:
        """The outline, flat for a client that knows no trees."""
        if answer is None:
            return None
        return list(answer if self._symbol_tree else _flat(uri, answer, None))

    def diagnostics(self, found: Sequence[Json]) -> list[Json]:
        """Findings, without further places and links for a client that shows none."""
        left_out = {
            *(() if self._related else ("relatedInformation",)),
            *(() if self._code_pages else ("codeDescription",)),
        }
        return [{key: value for key, value in each.items() if key not in left_out} for each in found]


def _takes_markdown(formats: Sequence[types.MarkupKind] | None) -> bool:
    return formats is not None and types.MarkupKind.Markdown in formats


def _plain(marked: Mapping[str, Any]) -> Json:
    return {"kind": types.MarkupKind.PlainText.value, "value": plain_text(str(marked["value"]))}


def plain_text(markdown: str) -> str:
    """The words of a text in Markdown, without fences, emphasis and addresses."""
    bare = LINK.sub(r"\1", FENCE.sub("", markdown))
    return EMPHASIS.sub(lambda match: match[1] or match[2], bare).strip()


def _flat(uri: str, symbols: Sequence[Json], above: str | None) -> Iterator[Json]:
    for each in symbols:
        made: Json = {"name": each["name"], "kind": each["kind"], "location": {"uri": uri, "range": each["range"]}}
        yield {**made, "containerName": above} if above is not None else made
        yield from _flat(uri, each.get("children", ()), each["name"])
