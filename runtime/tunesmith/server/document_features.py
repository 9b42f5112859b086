"""LSP's features for open texts, declared once: each request goes to the language of its document."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tunesmith.server.client_server import ClientServer
from tunesmith.server.documents import Documents, Language, Speakers

log = logging.getLogger(__name__)
WATCHED = ("**/*.py", "**/*.{csv,tsv,jsonl,json,txt,parquet,arrow,xlsx,ods}")
"""Files beside a job that its findings rest on, where the client reports changes."""


def register(
    server: ClientServer,
    languages: Mapping[tuple[str, ...], Callable[[], Language]],
    *,
    colours: Sequence[str],
) -> Documents:
    """Declare the features of `languages` (by the endings of file names) on the server. `colours` names the types of
    semantic tokens."""
    documents = Documents(
        Speakers(languages), lambda: server.workspace.position_encoding or types.PositionEncodingKind.Utf16
    )
    _declare_sync(server, documents)
    _declare_help(server, documents)
    _declare_structure(server, documents, colours)
    return documents


async def watch_files(server: ClientServer) -> None:
    """Ask the client to report changes on the disk, where it can."""
    workspace = server.client_capabilities.workspace
    files = workspace.did_change_watched_files if workspace else None
    if files is None or not files.dynamic_registration:
        return
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
    asked = types.Registration(id="files", method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES, register_options=options)
    try:
        await server.client_register_capability_async(types.RegistrationParams(registrations=[asked]))
    except JsonRpcException as error:
        log.debug("the client watches no files: %s", error)


def _declare_sync(server: ClientServer, documents: Documents) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        document = params.text_document
        documents.opened(document.uri, document.text, document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        documents.changed(params.text_document.uri, params.content_changes, params.text_document.version)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        documents.saved(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        documents.changed_on_disk(change.uri for change in params.changes)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        documents.closed(params.text_document.uri)


def _declare_help(server: ClientServer, documents: Documents) -> None:
    triggers = types.CompletionOptions(trigger_characters=list(": {[,./"), resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, triggers)
    async def completion(params: types.CompletionParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        return server.client.completion(await found[1].completion(found[0], found[0].offset(params.position)))

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    async def resolve(item: types.CompletionItem) -> Any:
        uri = item.data.get("uri") if isinstance(item.data, dict) else None
        found = documents.find(uri) if isinstance(uri, str) else None
        return server.client.resolved(await found[1].resolve(item)) if found is not None else item

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        return server.client.hover(await found[1].hover(found[0], found[0].offset(params.position)))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        return await found[1].definition(found[0], found[0].offset(params.position))

    kinds = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, kinds)
    async def actions(params: types.CodeActionParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        document = found[0]
        start, end = document.offset(params.range.start), document.offset(params.range.end)
        return server.client.actions(await found[1].actions(document, start, end, params.context))


def _declare_structure(server: ClientServer, documents: Documents, colours: Sequence[str]) -> None:
    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(params: types.CodeLensParams) -> Any:
        found = documents.find(params.text_document.uri)
        return await found[1].lenses(found[0]) if found else None

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(params: types.DocumentSymbolParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        return server.client.symbols(found[0].uri, await found[1].symbols(found[0]))

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folds(params: types.FoldingRangeParams) -> Any:
        found = documents.find(params.text_document.uri)
        return await found[1].folds(found[0]) if found else None

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def formatting(params: types.DocumentFormattingParams) -> Any:
        found = documents.find(params.text_document.uri)
        return await found[1].formatting(found[0], params.options) if found else None

    legend = types.SemanticTokensLegend(token_types=list(colours), token_modifiers=[])

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, legend)
    async def tokens(params: types.SemanticTokensParams) -> Any:
        found = documents.find(params.text_document.uri)
        return await found[1].tokens(found[0]) if found else None

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(params: types.InlayHintParams) -> Any:
        if (found := documents.find(params.text_document.uri)) is None:
            return None
        document = found[0]
        return await found[1].hints(document, document.offset(params.range.start), document.offset(params.range.end))
