"""Helper processes of the server: deadlines, cancellation, crashes, bounded queues, and that they end with it."""

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from support import wait_until
from tunesmith.errors import InvalidJob, TunesmithError
from tunesmith.server.background.lane import Habits, Lane

HERE = Path(__file__).parent
WORK = "background_work:"


@pytest.fixture(autouse=True)
def work_can_be_imported(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@asynccontextmanager
async def lane(**habits):
    made = Lane("test", Habits(**habits))
    try:
        yield made
    finally:
        await made.close()


async def ask(lane, name, timeout_s=30.0, **arguments):
    return await lane.ask(WORK + name, arguments, timeout_s=timeout_s)


async def until(condition):
    """`wait_until`, with the loop running."""
    return await asyncio.get_running_loop().run_in_executor(None, wait_until, condition)


@pytest.mark.asyncio
async def test_nothing_starts_before_the_first_call():
    async with lane() as one:
        assert one.pid is None
        assert await ask(one, "double", number=21) == 42
        assert await ask(one, "pid") == one.pid


@pytest.mark.asyncio
async def test_calls_at_once_are_all_answered_by_one_process():
    async with lane() as one:
        assert await asyncio.gather(*(ask(one, "double", number=each) for each in range(10))) == list(range(0, 20, 2))
        assert await asyncio.gather(ask(one, "pid"), ask(one, "pid")) == [one.pid] * 2


@pytest.mark.asyncio
async def test_a_helper_for_jedi_holds_no_protocol_library_no_numpy_no_event_loop():
    async with lane() as one:
        for module in ("pygls", "lsprotocol", "numpy", "asyncio", "ruamel.yaml"):
            assert not await ask(one, "loaded", module=module), module


@pytest.mark.asyncio
async def test_a_helper_imports_nothing_from_the_folder_the_server_was_started_in(tmp_path, monkeypatch):
    (tmp_path / "jedi.py").write_text("raise SystemExit('the user code ran')")
    monkeypatch.chdir(tmp_path)
    async with lane() as one:
        assert not await ask(one, "loaded", module="numpy")
        path = await ask(one, "import_path")
        assert str(tmp_path) not in path and "" not in path


@pytest.mark.asyncio
async def test_what_a_library_prints_or_reads_does_not_disturb_the_answers():
    async with lane() as one:
        assert await ask(one, "shout") == ""
        assert await ask(one, "double", number=1) == 2


@pytest.mark.asyncio
async def test_errors_of_ours_come_back_whole():
    async with lane() as one:
        with pytest.raises(InvalidJob) as caught:
            await ask(one, "complain", file="/somewhere/a.csv")
        [problem] = caught.value.problems
        assert (problem.code, problem.place.line, problem.place.file) == (
            "data.missing-file",
            3,
            Path("/somewhere/a.csv"),
        )
        assert problem.allowed == ("a", "b")


@pytest.mark.asyncio
async def test_a_bug_in_a_call_is_told_and_the_process_goes_on():
    async with lane() as one:
        before = await ask(one, "pid")
        with pytest.raises(TunesmithError, match="ZeroDivisionError: a bug") as caught:
            await ask(one, "fall")
        assert caught.value.code == "server.background-failed"
        with pytest.raises(TunesmithError, match="no_such_function"):
            await ask(one, "no_such_function")
        assert await ask(one, "pid") == before


@pytest.mark.asyncio
async def test_arguments_that_are_not_json_are_refused_and_harm_nothing():
    async with lane() as one:
        with pytest.raises(TunesmithError) as caught:
            await ask(one, "double", number=object())
        assert caught.value.code == "server.background-failed"
        assert await ask(one, "double", number=4) == 8


@pytest.mark.asyncio
async def test_a_crash_fails_its_call_with_the_status_and_the_next_call_gets_a_new_process():
    async with lane() as one:
        before = await ask(one, "pid")
        with pytest.raises(TunesmithError, match="status 7") as caught:
            await ask(one, "die")
        assert caught.value.code == "server.background-ended"
        assert await ask(one, "pid") != before


@pytest.mark.asyncio
async def test_a_killed_process_is_replaced(tmp_path):
    async with lane() as one:
        first = await ask(one, "pid")
        psutil.Process(first).kill()
        await until(lambda: not psutil.pid_exists(first) or one.pid is None)
        answers = await asyncio.gather(ask(one, "pid"), ask(one, "pid"), return_exceptions=True)
        assert answers[1] != first and isinstance(answers[1], int)


@pytest.mark.asyncio
async def test_a_deadline_is_kept_and_work_that_goes_on_is_killed(tmp_path):
    started = tmp_path / "started"
    async with lane(grace_s=0.0) as one:
        with pytest.raises(TunesmithError, match=r"within 1\.5 seconds") as caught:
            await ask(one, "work", timeout_s=1.5, started=str(started), seconds=600)
        assert caught.value.code == "server.timeout"
        assert await ask(one, "double", number=2) == 4
        busy = int(started.read_text())
        assert await ask(one, "pid") != busy and not psutil.pid_exists(busy)


@pytest.mark.asyncio
async def test_a_cancelled_call_that_returns_within_its_grace_keeps_the_process(tmp_path):
    started = tmp_path / "started"
    async with lane(grace_s=60.0) as one:
        asked = asyncio.create_task(ask(one, "work", started=str(started), seconds=0.5))
        await until(started.exists)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await ask(one, "pid") == int(started.read_text())


@pytest.mark.asyncio
async def test_a_cancelled_call_that_does_not_return_is_killed(tmp_path):
    started = tmp_path / "started"
    async with lane(grace_s=0.1) as one:
        asked = asyncio.create_task(ask(one, "work", started=str(started), seconds=600))
        await until(started.exists)
        asked.cancel()
        assert await ask(one, "pid") != int(started.read_text())


@pytest.mark.asyncio
async def test_a_call_cancelled_while_it_waits_never_runs(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    async with lane() as one:
        running = asyncio.create_task(ask(one, "work", started=str(first), seconds=0.3))
        await until(first.exists)
        waits = asyncio.create_task(ask(one, "work", started=str(second), seconds=0.3))
        await asyncio.sleep(0)
        waits.cancel()
        assert await running == "done"
        assert await ask(one, "double", number=3) == 6
        assert not second.exists()


@pytest.mark.asyncio
async def test_the_queue_is_bounded_and_the_oldest_gives_way(tmp_path):
    started = tmp_path / "started"
    async with lane(queue=2) as one:
        running = asyncio.create_task(ask(one, "work", started=str(started), seconds=0.5))
        await until(started.exists)
        answers = await asyncio.gather(*(ask(one, "double", number=each) for each in range(4)), return_exceptions=True)
        assert [getattr(answer, "code", answer) for answer in answers] == ["server.busy", "server.busy", 4, 6]
        assert await running == "done"


@pytest.mark.asyncio
async def test_an_idle_process_ends_and_comes_back():
    async with lane(idle_s=0.05) as one:
        first = await ask(one, "pid")
        await until(lambda: not psutil.pid_exists(first))
        assert one.pid is None
        assert await ask(one, "pid") != first


@pytest.mark.asyncio
async def test_large_answers_come_whole_and_too_large_ones_are_reported():
    async with lane() as one:
        assert len(await ask(one, "large", size=5_000_000)) == 5_000_000
        with pytest.raises(TunesmithError, match="too large"):
            await ask(one, "large", size=70_000_000)
        assert await ask(one, "double", number=5) == 10


@pytest.mark.asyncio
async def test_closing_fails_what_waits_and_leaves_no_process(tmp_path):
    started = tmp_path / "started"
    async with lane() as one:
        running = asyncio.create_task(ask(one, "work", started=str(started), seconds=600))
        await until(started.exists)
        waits = asyncio.create_task(ask(one, "double", number=1))
        await asyncio.sleep(0)
        await one.close()
        for each in (running, waits):
            with pytest.raises(TunesmithError) as caught:
                await each
            assert caught.value.code == "server.background-ended"
        assert not psutil.pid_exists(int(started.read_text()))
        with pytest.raises(TunesmithError, match="ending"):
            await ask(one, "double", number=1)


PARENT = """
import asyncio, sys
from tunesmith.server.background.lane import Habits, Lane
async def main():
    lane = Lane("test", Habits())
    await lane.ask("background_work:work", {"started": sys.argv[1], "seconds": 600}, timeout_s=600)
asyncio.run(main())
"""


@pytest.mark.skipif(os.name == "nt", reason="a kill leaves no exit status there")
def test_a_busy_helper_ends_when_the_server_is_killed(tmp_path):
    started = tmp_path / "started"
    server = subprocess.Popen([sys.executable, "-c", PARENT, str(started)])
    helper = int(wait_until(lambda: started.exists() and started.read_text()))
    server.kill()
    server.wait()
    wait_until(lambda: not psutil.pid_exists(helper) or psutil.Process(helper).status() == psutil.STATUS_ZOMBIE)
