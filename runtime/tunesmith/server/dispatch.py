"""Messages in, answers out: every request gets exactly one answer, whatever it looks like, and no message stops us."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Generator, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from tunesmith.errors import TunesmithError
from tunesmith.protocol.codec import decode, encode
from tunesmith.runs.process import Process
from tunesmith.server import methods
from tunesmith.server.failures import INVALID, NOT_INITIALIZED, failure
from tunesmith.server.paths import can_be_path, file_of
from tunesmith.server.progress import Progress
from tunesmith.server.session import progress_of_request
from tunesmith.server.transport.wire import framed

if TYPE_CHECKING:
    from tunesmith.server.client_server import ClientServer

log = logging.getLogger(__name__)
MOST_REQUESTS = 256
"""Requests of one client at a time; one more is refused as busy."""


class Dispatch(LanguageServerProtocol):
    """pygls' knowledge of LSP, with our own reading, refusing and sending."""

    _server: ClientServer

    initialized = False
    exit_code: int | None = None
    """Set when the client said `exit`: 0 after `shutdown`, else 1."""

    # --- in

    def receive(self, body: bytes) -> None:
        """Take one message. Never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self.refuse(None, -32700, f"the message is not JSON: {error}")
            return
        number = message.get("id") if isinstance(message, dict) else None
        known = number if isinstance(number, (str, int)) and not isinstance(number, bool) else None
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self.refuse(known, -32600, "the message is no JSON-RPC 2.0 object")
        elif "method" not in message:
            self._take_answer(known, message)
        elif not isinstance(message["method"], str) or ("id" in message and known is None):
            self.refuse(known, -32600, "`method` must be a text and `id` a text or a whole number")
        elif known is None:
            self._take_notification(message["method"], message)
        else:
            self._take_request(known, message["method"], message)

    def _take_request(self, number: str | int, method: str, message: dict[str, Any]) -> None:
        if not self.initialized and method != types.INITIALIZE:
            self.refuse(number, NOT_INITIALIZED, "the first request must be `initialize`")
        elif self._shutdown:
            self.refuse(number, -32600, "the server is shutting down")
        elif self.initialized and method == types.INITIALIZE:
            self.refuse(number, -32600, "the server is initialized already")
        elif number in self._request_futures:
            self.refuse(number, -32600, f"a request with the id {number!r} is being answered")
        elif len(self._request_futures) >= MOST_REQUESTS:
            busy = TunesmithError("server.busy", f"{MOST_REQUESTS} requests are being answered", hint="ask again later")
            self._send({"id": number, "error": failure(busy, doing=method, log_file=None)})
        elif method.startswith("tunesmith/"):
            self._start_own(number, method, message.get("params"))
        else:
            self._start_lsp(number, method, message)

    def _start_own(self, number: str | int, method: str, params: Any) -> None:
        if method not in methods.names():
            self.refuse(number, -32601, f"there is no method {method}")
            return
        task = asyncio.get_running_loop().create_task(self._answer(method, params), name=method)
        self._request_futures[number] = task  # type: ignore[assignment]  # pygls keeps tasks there too
        task.add_done_callback(partial(self._finish, msg_id=number, method=method))

    async def _answer(self, method: str, params: Any) -> Any:
        """Read the parameters, let the handler work with its progress shown, and write the result."""
        handler = await methods.handler(method)
        read: Any = decode(handler.member.params, {} if params is None else params)
        if not handler.member.slow:
            return encode(await handler.answer(self._server.session, read))
        token = params.get("workDoneToken") if isinstance(params, dict) else None
        progress = Progress(self._server, handler.member.doing, token if _is_token(token) else None)
        progress_of_request.set(progress)
        watch = asyncio.create_task(progress.watch(), name=f"progress of {method}")
        task = asyncio.current_task()
        if task is not None:
            self._server.working[progress] = task
        try:
            return encode(await handler.answer(self._server.session, read))
        finally:
            self._server.working.pop(progress, None)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            progress.end("")

    def _start_lsp(self, number: str | int, method: str, message: dict[str, Any]) -> None:
        kind = self.get_message_type(method)
        if kind is None or not (method in self.fm.builtin_features or method in self.fm.features):
            self.refuse(number, -32601, f"there is no method {method}")
            return
        try:
            params = self._converter.structure({"params": None, **message}, kind).params
        except Exception as error:  # noqa: BLE001 - a border: cattrs raises whatever a wrong value provokes
            self.refuse(number, INVALID, f"the parameters of {method} are not what it takes: {_reason_of(error)}")
            return
        if method == types.INITIALIZE:
            self._server.raw_options = (message.get("params") or {}).get("initializationOptions")
        self._handle_request(number, method, params)

    def _take_notification(self, method: str, message: dict[str, Any]) -> None:
        if method == types.EXIT:
            self._end()
        elif method == types.CANCEL_REQUEST:
            params = message.get("params")
            number = params.get("id") if isinstance(params, dict) else None
            if isinstance(number, (str, int)) and number not in self._result_types:
                self._cancel(number)
        elif self.initialized and not self._shutdown and not method.startswith("tunesmith/"):
            self._start_notification(method, message)

    def _cancel(self, number: str | int) -> None:
        future = self._request_futures.get(number)
        if future is not None:
            future.cancel()

    def _start_notification(self, method: str, message: dict[str, Any]) -> None:
        kind = self.get_message_type(method)
        if kind is None or not (method in self.fm.builtin_features or method in self.fm.features):
            return  # `$/...` of other clients, what is newer than we are, and what we do not care for
        try:
            params = self._converter.structure({"params": None, **message}, kind).params
        except Exception as error:  # noqa: BLE001 - as above; there is nobody to answer to
            log.warning("the parameters of %s are not what it takes: %s", method, _reason_of(error))
            return
        self._handle_notification(method, params)

    def _take_answer(self, number: str | int | None, message: dict[str, Any]) -> None:
        if number is None or number not in self._result_types:
            log.warning("an answer to nothing that was asked")
            return
        kind = self._result_types.pop(number)
        future = self._request_futures.pop(number, None)
        if future is None or future.done():
            return
        if "error" in message:
            error = message["error"] if isinstance(message["error"], dict) else {}
            future.set_exception(JsonRpcException(message=str(error.get("message")), code=-32001))
            return
        try:
            whole = {"result": None, **message}
            found = self._converter.structure(whole, kind).result if kind else message.get("result")
        except Exception as error:  # noqa: BLE001 - as above
            future.set_exception(JsonRpcException(message=f"a strange answer: {_reason_of(error)}", code=-32001))
        else:
            future.set_result(found)

    # --- the life of a connection

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Shake hands: versions, trust, workspace."""
        self._server.session.begin(self._server.raw_options, _workspace(params), params.locale)
        result = yield from super().lsp_initialize(params)
        result.capabilities.experimental = {"tunesmith": self._server.session.info()}
        self.initialized = True
        parent = Process.of(params.process_id) if params.process_id else None
        if parent is not None and parent.is_alive():  # not so where the client runs in another container
            self._server.session.spawn(self._server.end_with_parent(parent), "the end of the parent process")
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Cancel what is being answered, and fall silent."""
        self._server.session.hush()
        yield from self._hand_on(types.SHUTDOWN, args[0] if args else None)
        # A copy: what is cancelled leaves the table at once. Not this very request.
        for number, future in list(self._request_futures.items()):
            if number != self.msg_id:
                future.cancel()
        self._shutdown = True

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """The user pressed cancel beside a progress bar; it may be done already."""
        self._server.cancel_progress(params.token)

    # pygls would keep every text a second time, and split it into lines at every edit: `documents.py` keeps them.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the text on."""
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand the edits on."""
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Hand it on."""
        yield from self._hand_on(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _hand_on(self, method: str, params: Any) -> Generator[Any, Any, None]:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None

    @property
    def shut_down(self) -> bool:
        """Whether the client has said `shutdown`."""
        return bool(self._shutdown)

    def requests(self) -> Iterable[Any]:
        """What is being answered, and what was asked of the client."""
        return list(self._request_futures.values())

    def _execute_handler(
        self,
        msg_id: str | int,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """pygls keeps a future of each notification for good, as if it were a request still to be answered."""

        def done(future: Any) -> None:
            self._request_futures.pop(msg_id, None)
            callback(future)

        super()._execute_handler(msg_id, handler, done, args, kwargs)

    def _end(self) -> None:
        self.exit_code = 0 if self._shutdown else 1
        self._server.ended.set()

    # --- out

    def _send_handler_result(self, future: Any, *, msg_id: Any) -> None:
        self._finish(future, msg_id=msg_id, method="the request")

    def _finish(self, future: Any, *, msg_id: str | int, method: str) -> None:
        """Answer a request whose handler has ended, in whatever way."""
        self._request_futures.pop(msg_id, None)
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is not None:
            fields = failure(error, doing=method, log_file=self._server.session.hub.log_file)
            self._send({"id": msg_id, "error": fields})
            return
        try:
            self._send({"id": msg_id, "result": future.result()})
        except RecursionError:  # a client's own value, sent back to it
            self.refuse(msg_id, INVALID, "a value is nested too deeply")
        except (TypeError, ValueError) as wrong:
            fields = failure(wrong, doing=method, log_file=self._server.session.hub.log_file)
            self._send({"id": msg_id, "error": fields})

    def _check_handler_result(self, future: Any) -> None:
        """A notification's handler has ended."""
        if not future.cancelled() and future.exception() is not None:
            log.error("a notification's handler failed", exc_info=future.exception())

    def refuse(self, number: str | int | None, code: int, text: str) -> None:
        """Answer that a message cannot be taken; without a number, to nobody in particular."""
        self._send({"id": number, "error": {"code": code, "message": text}})

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification; `params` are JSON values or lsprotocol's objects."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        self._send_data({"jsonrpc": "2.0", **message})

    def _send_data(self, data: Any) -> None:
        text = json.dumps(data, default=self._serialize_message, separators=(",", ":"), allow_nan=False)
        self._server.outbox.send(framed(text.encode("ascii")))


def _workspace(params: types.InitializeParams) -> Path | None:
    folders = params.workspace_folders or []
    uri = folders[0].uri if folders else params.root_uri
    named = file_of(uri) if uri else params.root_path
    return Path(named) if named and can_be_path(named) else None


def _is_token(token: Any) -> bool:
    return isinstance(token, (str, int)) and not isinstance(token, bool)


def _reason_of(error: Exception) -> str:
    """The innermost reason: cattrs wraps each level."""
    inner: BaseException = error
    while getattr(inner, "exceptions", None):
        inner = inner.exceptions[0]  # type: ignore[attr-defined]
    text = f"{type(inner).__name__}: {inner}"
    return text if len(text) <= 300 else f"{text[:299]}…"
