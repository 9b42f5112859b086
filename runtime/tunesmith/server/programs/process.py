"""Tunesmith's own programs as processes of their own: what they do can be cancelled by ending them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

from tunesmith.errors import TunesmithError
from tunesmith.python_process import OWN_FOLDER, module_command

ROOM = asyncio.Semaphore(2)  # each of these programs may load torch and a model; more of them wait for their turn


async def run_module(
    arguments: Sequence[str], *, given: str = "", folder: Path | str = OWN_FOLDER, timeout_s: float
) -> tuple[int, str, str]:
    """`python -m ARGUMENTS` in `folder`, with `given` on its standard input: exit status, output, complaints.

    Ended with its caller's cancellation, and `timeout_s` after it began (server.timeout).
    """
    async with ROOM:
        return await _run(arguments, given=given, folder=folder, timeout_s=timeout_s)


async def _run(arguments: Sequence[str], *, given: str, folder: Path | str, timeout_s: float) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *module_command(*arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(given.encode()), timeout_s)
    except asyncio.TimeoutError:
        raise TunesmithError(
            "server.timeout", f"no answer within {timeout_s:g} seconds", found=" ".join(arguments)
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
