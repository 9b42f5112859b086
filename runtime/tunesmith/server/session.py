"""One client: what it said when it connected, its workspace, and what handlers need to answer it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tunesmith import __version__
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import real_path
from tunesmith.protocol import VERSION
from tunesmith.protocol.codec import decode, encode
from tunesmith.protocol.session import Ability, ClientOptions, ServerInfo
from tunesmith.runs.folder import RunFolder, find_run, is_elsewhere, runs_root
from tunesmith.server import methods
from tunesmith.server.hub import Hub
from tunesmith.server.languages import language_of
from tunesmith.server.paths import path_of
from tunesmith.server.progress import Progress
from tunesmith.server.project import Project

if TYPE_CHECKING:
    from tunesmith.server.live import Live

T = TypeVar("T")
FILE_DEADLINE_S = 30.0
progress_of_request: ContextVar[Progress | None] = ContextVar("progress", default=None)


class Session:
    """Belongs to one event loop. `notify(method, params)` sends to the client; `keep_up()` says whether it reads."""

    def __init__(self, hub: Hub, *, notify: Callable[[str, Any], None], keep_up: Callable[[], bool]) -> None:
        self.hub = hub
        self.folder = Path.cwd()
        self.options = ClientOptions()
        self.trusted = False
        self.language = ""
        self._notify, self.keep_up = notify, keep_up
        self._tasks: set[asyncio.Task[Any]] = set()
        self._trusters: list[Callable[[], None]] = []
        self._live: Live | None = None

    # --- the handshake

    def begin(self, options: Any, folder: Path | None, locale: str | None = None) -> None:
        """Take what `initialize` said. Raises InvalidParams or protocol.version-mismatch."""
        # An empty table of Lua, Neovim's language, arrives as an empty list.
        given = {} if options in (None, []) else options
        self.options = decode(ClientOptions, given, "params.initializationOptions")
        wanted = self.options.protocol_version
        if wanted is not None and wanted != VERSION:
            older = "the client" if wanted < VERSION else "the runtime"
            raise TunesmithError(
                "protocol.version-mismatch",
                f"the client speaks version {wanted} of the protocol, tunesmith {__version__} speaks version {VERSION}",
                found=str(wanted),
                allowed=(str(VERSION),),
                hint=f"update {older}: plugin and runtime must be of one release",
            )
        self.trusted = self.options.trusted
        self.language = language_of(locale)
        if folder is not None:
            self.folder = Path(os.path.normpath(folder))

    def info(self) -> dict[str, Any]:
        """What the answer to `initialize` says about the server, as JSON."""
        return dict(
            encode(
                ServerInfo(
                    protocol_version=VERSION,
                    version=__version__,
                    python=sys.executable,
                    pid=self.hub.pid,
                    log=str(self.hub.log_file or ""),
                    trusted=self.trusted,
                    off=self.off(),
                    methods=tuple(methods.names()),
                )
            )
        )

    def trust(self, *, trusted: bool) -> None:
        """The user has decided about the workspace."""
        self.trusted = trusted
        for each in self._trusters:
            each()

    def at_trust(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever the user decides about the workspace."""
        self._trusters.append(listener)

    def off(self) -> tuple[Ability, ...]:
        """What is switched off, and why."""
        if self.trusted:
            return ()
        why = "the workspace is not trusted, and this would run its code"
        return tuple(
            Ability(name=name, why=why)
            for name in (
                "models, losses, optimizers and data given as package.module:callable",
                "reports, predictions, exports and replays of runs with such parts",
            )
        )

    # --- what handlers use

    @property
    def runs_root(self) -> Path:
        """Where the runs of the workspace lie.

        Raises TunesmithError server.outside-workspace where a link that came with an untrusted workspace leads out of
        it: who deletes a run of this list would delete one of another project.
        """
        root = runs_root(self.folder)
        if not self.trusted and not is_elsewhere() and not real_path(root).is_relative_to(real_path(self.folder)):
            raise TunesmithError(
                "server.outside-workspace",
                "a link leads from the folder of runs out of this workspace, which is not trusted yet",
                place=Place(file=root),
                found=str(real_path(root)),
                hint="trust the project, or open the folder that the link leads to",
            )
        return root

    @property
    def project(self) -> Project:
        """The runs of the workspace."""
        return self.hub.project(self.runs_root)

    @property
    def live(self) -> Live:
        """What the client is sent without a request; begins with its first use, once the workspace is known."""
        if self._live is None:
            from tunesmith.server.live import Live
            from tunesmith.server.queue_launcher import launch_in_turn

            self._live = Live(self.project, self.options, notify=self.notify, keep_up=self.keep_up)
            self.spawn(self._live.go(), "live updates")
            self.spawn(launch_in_turn(self.project.queue, is_trusted=lambda: self.trusted), "the queue")
        return self._live

    def path(self, text: str, field: str = "params.job") -> Path:
        """The path that a client's text means; see `paths.path_of`."""
        return path_of(text, self.folder, trusted=self.trusted, field=field)

    async def run(self, reference: str, field: str = "params.run") -> RunFolder:
        """The run that a client's text means. Raises run.not-found, run.ambiguous, server.outside-workspace."""

        def find() -> RunFolder:
            if os.sep in reference or reference.startswith("file:"):
                return find_run(self.runs_root, str(self.path(reference, field)))
            return find_run(self.runs_root, reference)

        return await self.in_thread(find)

    async def in_thread(self, work: Callable[[], T], *, timeout_s: float = FILE_DEADLINE_S) -> T:
        """`work` off the loop: file work, short. Raises server.timeout after `timeout_s`."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(work), timeout_s)
        except asyncio.TimeoutError:
            raise TunesmithError("server.timeout", f"reading files took longer than {timeout_s:g} seconds") from None

    async def as_it_stands(self, work: Callable[[], T]) -> T:
        """`work` off the loop, and from then on the client is sent every change of what it read."""
        await self.live.begin()
        return await self.in_thread(work)

    async def ask(
        self, lane: str, function: str, arguments: Mapping[str, Any], *, timeout_s: float, saying: str = ""
    ) -> Any:
        """`function` of a helper process (see `background.lanes`); JSON in and out. `saying` is shown as progress."""
        progress = progress_of_request.get()
        if progress is not None and saying:
            progress.say(saying)
        return await getattr(self.hub.lanes, lane).ask(function, arguments, timeout_s=timeout_s)

    def notify(self, method: str, message: Any) -> None:
        """Send a notification of the protocol."""
        self._notify(method, encode(message))

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Something in the background that ends with the session."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hush(self) -> None:
        """Tell the client nothing more of its own accord."""
        for task in list(self._tasks):
            task.cancel()

    async def close(self) -> None:
        """End everything in the background."""
        self.hush()
        await asyncio.gather(*self._tasks, return_exceptions=True)
