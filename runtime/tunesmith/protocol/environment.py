"""The machine: interpreter, packages, torch, devices, and what is wrong with them."""

from __future__ import annotations

from tunesmith.protocol.message import Words, field, message
from tunesmith.protocol.method import Method, Request

STATUS = Words(
    name="FindingStatus",
    open=True,
    meanings={"ok": "fine", "warning": "works, but could be better", "error": "must be mended before training"},
)


@message
class EnvironmentParams:
    """Which parts are wanted."""

    diagnose: bool = field(
        "Also start torch in a process of its own and say what is wrong: some seconds.", default=True
    )


@message
class Finding:
    """One thing looked at."""

    code: str = field("Stable; docs/errors.md has an entry for it.")
    status: str = field("How it stands.", words=STATUS)
    message: str = field("A sentence for the user.")
    mend: str = field("A command or a sentence; empty where all is well.", default="")


@message
class Package:
    """A package that Tunesmith needs or can use."""

    name: str = field("As the registry knows it.")
    extra: str = field("The extra it belongs to; empty for what everybody needs.", default="")
    wanted: str = field("The requirement.", default="")
    installed: str | None = field("The version that is there; left out where there is none.", default=None)
    fits: bool = field("Whether what is there is what is wanted.", default=False)


@message
class Device:
    """Something that can train, now."""

    name: str = field("As a job names it under `device`: cpu, cuda:0, mps.")
    title: str = field("The maker's name.", default="")
    memory_bytes: int | None = field("All of its memory.", default=None, unit="B")
    used_bytes: int | None = field("Taken by all processes together.", default=None, unit="B")
    power_w: float | None = field("Drawn now.", default=None, unit="W")
    load: float | None = field("Share of time it was busy, 0 to 1.", default=None)


@message
class Machine:
    """What this process may use; in a container that is less than what the machine has."""

    cores: int = field("Processor cores.", default=0)
    memory_bytes: int = field("Main memory.", default=0, unit="B")
    available_bytes: int = field("Main memory that is free now.", default=0, unit="B")
    disk_free_bytes: int = field("Room where runs are written.", default=0, unit="B")
    writable: bool = field("Whether runs can be written.", default=True)


@message
class Environment:
    """Everything about the machine. `packages`, `findings` and `torch` are filled as far as `diagnose` was asked."""

    version: str = field("Of the runtime.")
    protocol_version: int = field("What the server speaks.")
    python: str = field("Version of the interpreter.")
    executable: str = field("Path of the interpreter.")
    platform: str = field("Operating system and architecture.")
    torch: str | None = field("Version of torch; left out where there is none.", default=None)
    machine: Machine = field("Cores, memory, disk.", factory=Machine)
    devices: tuple[Device, ...] = field("What can train; the first is what `auto` takes.", default=())
    packages: tuple[Package, ...] = field("Needed and optional packages.", default=())
    findings: tuple[Finding, ...] = field("What is right and wrong, in the order in which to mend it.", default=())


@message
class DevicesParams:
    """Nothing to say."""


@message
class Devices:
    """Readings of now."""

    devices: tuple[Device, ...] = field("What can train.", default=())
    machine: Machine = field("Cores, memory, disk.", factory=Machine)


METHODS: tuple[Method, ...] = (
    Request(
        name="tunesmith/environment",
        purpose="Look at interpreter, packages, torch, devices, memory and disk, and say what is wrong and what mends "
        "it.",
        params=EnvironmentParams,
        result=Environment,
        doing="Looking at the machine",
        example={"diagnose": True},
        answer={
            "version": "0.1.0",
            "protocolVersion": 1,
            "python": "3.11.9",
            "executable": "/project/.venv/bin/python",
            "platform": "Linux-6.8-x86_64",
            "torch": "2.10.0",
            "machine": {"cores": 8, "memoryBytes": 33000000000, "availableBytes": 21000000000},
            "devices": [{"name": "cuda:0", "title": "NVIDIA RTX 4070", "memoryBytes": 12884901888}],
            "packages": [{"name": "torch", "wanted": "torch>=2.10", "installed": "2.10.0", "fits": True}],
            "findings": [{"code": "env.torch", "status": "ok", "message": "torch 2.10.0 for CUDA 12.8"}],
        },
    ),
    Request(
        name="tunesmith/devices",
        purpose="Read memory, load and power of the devices now; cheap enough to ask every second.",
        params=DevicesParams,
        result=Devices,
        example={},
        answer={"devices": [{"name": "cuda:0", "usedBytes": 6400000000, "powerW": 142.5, "load": 0.97}], "machine": {}},
    ),
)
