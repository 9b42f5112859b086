"""Whether a debugger follows, and how to keep out of its way."""

from __future__ import annotations

import bdb
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tunesmith.errors import TunesmithError
from tunesmith.worker.debugger import is_debugged, need_debugger, unfollowed


@pytest.fixture
def traced() -> Iterator[list[str]]:
    """The names of the functions that a tracing debugger sees."""
    seen: list[str] = []

    def trace(frame: Any, event: str, argument: Any) -> None:
        seen.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(trace)
    yield seen
    sys.settrace(before)


def counted() -> None:
    """Something to be seen."""


def test_work_that_no_debugger_follows_is_not_traced(traced: list[str]) -> None:
    assert is_debugged()
    counted()
    assert "counted" in traced
    traced.clear()
    unfollowed(counted)
    assert "counted" not in traced


def test_what_it_raises_is_raised() -> None:
    def fails() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        unfollowed(fails)


def test_a_debugger_of_the_users_own_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONBREAKPOINT", raising=False)
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(TunesmithError) as raised:
        need_debugger()
    assert raised.value.code == "run.no-debugger"
    monkeypatch.setattr(sys, "breakpointhook", counted)
    need_debugger()
    monkeypatch.setenv("PYTHONBREAKPOINT", "0")
    with pytest.raises(TunesmithError, match="PYTHONBREAKPOINT=0"):
        need_debugger()


def test_pdb_that_has_no_breakpoints_and_so_does_not_trace_is_seen() -> None:
    seen: dict[str, Any] = {"is_debugged": is_debugged, "sys": sys}
    bdb.Bdb().run("sys.settrace(None); found = is_debugged()", seen)
    assert seen["found"] is True


@pytest.mark.skipif(not hasattr(sys, "monitoring"), reason="from Python 3.12 on")
def test_a_debugger_that_traces_without_settrace_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)
    monitoring: Any = sys.monitoring
    monitoring.use_tool_id(monitoring.DEBUGGER_ID, "test")
    try:
        assert is_debugged()
    finally:
        monitoring.free_tool_id(monitoring.DEBUGGER_ID)
    assert not is_debugged()
