"""The handshake: what a client says when it connects, and what the server answers."""

from __future__ import annotations

from tunesmith.protocol.message import field, message
from tunesmith.protocol.method import Method, Request


@message
class ClientOptions:
    """`initializationOptions` of LSP's `initialize`. Every field may be left out."""

    protocol_version: int | None = field(
        "The version that the client was made for. Left out: the client takes what comes.", default=None
    )
    trusted: bool = field(
        "Whether the user trusts the workspace: only then is any of its code imported.", default=False
    )
    token: str | None = field("Over TCP: the content of the token file. Needless over stdio.", default=None)
    updates_per_second: int = field("Live updates of each run, at most this many.", default=10, unit="1/s")
    watch_runs: bool = field(
        "Whether to send runChanged and queueChanged from the start, without a subscription.", default=True
    )


@message
class Ability:
    """Something that is switched off, and why."""

    name: str = field("What is off, in a few words.")
    why: str = field("A sentence for the user.")


@message
class ServerInfo:
    """`capabilities.experimental.tunesmith` of the answer to `initialize`."""

    protocol_version: int = field("Version of the protocol on the server.")
    version: str = field("Of the runtime.")
    python: str = field("The interpreter that runs the server and will run the workers.")
    pid: int = field("The server's process.")
    log: str = field("The server's log file.")
    trusted: bool = field("Whether the workspace counts as trusted.")
    off: tuple[Ability, ...] = field("What is switched off, and why.", default=())
    methods: tuple[str, ...] = field("The requests of Tunesmith's own that this server answers.", default=())


@message
class Trust:
    """The user has decided about the workspace."""

    trusted: bool = field("Whether code of the workspace may be imported from now on.")


@message
class TrustResult:
    """What holds now."""

    trusted: bool = field("Whether the workspace counts as trusted.")
    off: tuple[Ability, ...] = field("What is switched off, and why.", default=())


METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/trust",
        purpose="Say that the user trusts the workspace, or no longer does.",
        params=Trust,
        result=TrustResult,
        example={"trusted": True},
        answer={"trusted": True, "off": []},
    ),
)
