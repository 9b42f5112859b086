"""The interpreter: its version, and whether it is a virtual environment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tunesmith.env.finding import Finding

OLDEST = (3, 10)
NEWEST = (3, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """`version` is (major, minor, micro); `bits` is 64 where torch has wheels."""

    executable: str
    version: tuple[int, int, int]
    virtual: bool
    bits: int


def read_interpreter() -> Interpreter:
    """The interpreter that runs this."""
    major, minor, micro = sys.version_info[:3]
    return Interpreter(
        executable=sys.executable,
        version=(major, minor, micro),
        virtual=sys.prefix != sys.base_prefix,
        bits=64 if sys.maxsize > 2**32 else 32,
    )


def interpreter_findings(interpreter: Interpreter) -> Iterator[Finding]:
    """Version, width and virtual environment."""
    version = ".".join(map(str, interpreter.version))
    fits = OLDEST <= interpreter.version[:2] <= NEWEST and interpreter.bits == 64
    yield Finding(
        code="env.python-version",
        status="ok" if fits else "error",
        message=f"Python {version}, {interpreter.bits} bit, {interpreter.executable}",
        mend=""
        if fits
        else f"make an environment with a 64-bit Python {_dotted(OLDEST)} to {_dotted(NEWEST)}: "
        f"uv venv --python {_dotted(NEWEST)}",
    )
    yield Finding(
        code="env.virtual-environment",
        status="ok" if interpreter.virtual else "warning",
        message="in a virtual environment"
        if interpreter.virtual
        else "not in a virtual environment: what you install here touches every project of this interpreter",
        mend="" if interpreter.virtual else "python3 -m venv .venv",
    )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
