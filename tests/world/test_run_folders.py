"""Run folders as others may leave them: one odd run is named, and the others work; nothing is followed out of one."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from odd_files import circle, device, folder, holes, pipe
from tunesmith import guarded
from tunesmith.cli import main
from tunesmith.errors import TunesmithError
from tunesmith.runs import events
from tunesmith.runs.cached import CachedRuns
from tunesmith.runs.damage import problems_of
from tunesmith.runs.folder import RunFolder, create_run, runs_root
from tunesmith.runs.kept import keep
from tunesmith.runs.launch import resume
from tunesmith.runs.lock import hold
from tunesmith.runs.queue import RunQueue
from tunesmith.runs.reports import read_report
from tunesmith.runs.trash import delete, purge
from tunesmith.runs.watch import RunsWatch
from tunesmith.server.logfile import piece
from tunesmith.server.messages.curves import curves
from tunesmith.server.messages.run_details import detail, events_of
from tunesmith.server.messages.run_summary import summary

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices among its files")


@pytest.fixture
def good(tmp_path: Path) -> RunFolder:
    return made(tmp_path, "good")


@pytest.fixture
def odd(tmp_path: Path, good: RunFolder) -> RunFolder:
    return made(tmp_path, "odd")


def made(folder: Path, name: str) -> RunFolder:
    """A stopped run with a curve, an event, a report and a checkpoint."""
    run = create_run(runs_root(folder), "task: regression\nseed: 7\n", name=name)
    recorder = run.recorder()
    for step in range(1, 30):
        recorder.scalar("loss", step, 1 / step)
    recorder.event("evaluation", step=10, metrics={"mae": 0.25})
    recorder.close()
    guarded.write_guarded(run.path / "facts.json", {"labels": [], "counts": [], "values": {"target": "number"}})
    guarded.write_guarded(run.path / "environment.json", {"torch": "2", "data": {"train": "0f"}})
    guarded.write_guarded(run.report_folder / "metrics.json", {"headline": "good", "metrics": {"mae": 0.25}})
    (run.checkpoints_folder / "step-10").mkdir()
    run.set_state("stopped", step=29, best={"metric": "mae", "value": 0.25, "step": 10})
    return run


def commands(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> str:
    """What every command that reads prints about the runs of the project; none may raise."""
    project = ["--project", str(run.path.parents[2])]
    for words in (
        ["runs"],
        ["runs", "--json"],
        ["show", run.id],
        ["show", run.id, "--json"],
        ["report", run.id],
        ["report", run.id, "--json"],
        ["log", run.id],
        ["log", run.id, "--json"],
        ["queue"],
        ["queue", "--json"],
        ["compare", run.id, "last"],
        ["stop", run.id, "--no-wait"],
        ["keep", run.id, "10"],
        ["keep", run.id, "10", "--undo"],
    ):
        assert main([*words, *project]) in (0, 2), words
    told = capsys.readouterr()
    return told.out + told.err


def server_views(run: RunFolder) -> None:
    """What the server reads of runs; none may raise but our own errors."""
    known = CachedRuns(run.path.parent)
    RunsWatch(known).look()
    for each in known.all():
        summary(each)
        detail(each, position=None)
        events_of(each)
        piece(each.log_file, offset=None, limit=1000)
        try:
            read_report(each)
        except TunesmithError as error:
            assert error.code == "run.damaged-file"


ODD_VALUES: list[tuple[str, Any]] = [
    ("pid", 10**400),
    ("pid", -1),
    ("pid", True),
    ("step", "29"),
    ("step", 1 << 60),
    ("total_steps", [1]),
    ("created", 1e300),
    ("updated", -1),
    ("updated", "yesterday"),
    ("eta_s", {}),
    ("epoch", None),
    ("best", "mae"),
    ("best", {"metric": 1, "value": 2, "step": 3}),
    ("best", {"metric": "mae", "value": 0.1, "step": "../../evil"}),
    ("message", 7),
    ("host", ["a"]),
    ("status", "lost" * 1000),
    ("tags", 7),
    ("task", {"a": 1}),
    ("job", None),
]


@pytest.mark.parametrize(("key", "value"), ODD_VALUES, ids=lambda item: str(item)[:20])
def test_a_state_with_a_right_checksum_and_an_odd_value_is_named_and_the_others_work(key, value, good, odd, capsys):
    body = {**odd.state().to_mapping(), key: value}
    odd.state_file.write_bytes(guarded.encode(body))
    told = commands(odd, capsys)
    assert good.id in told
    assert good.state().status == "stopped"
    server_views(odd)
    if key not in ("tags", "task", "job"):
        assert "run.damaged-state" in told
        assert odd.state().step == 29  # the events say so


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"\x00\xff\xfe" * 100 + b"\n",
        b"[" * 200_000 + b"\n",
        b'{"status": "running", "pid": 1e999}\n',
        b"9" * 10_000 + b"\n",
    ],
    ids=lambda content: repr(content[:12]),
)
@pytest.mark.parametrize(
    "name",
    ["state.json", "launched.json", "environment.json", "facts.json", "report/metrics.json", "events.jsonl", "lock"],
)
def test_garbage_in_any_file_is_named_and_the_others_work(name, content, good, odd, capsys):
    (odd.path / name).write_bytes(content)
    told = commands(odd, capsys)
    assert good.id in told
    server_views(odd)
    if name not in ("lock", "launched.json"):
        assert name in told


def test_a_damaged_environment_is_named_once_also_where_a_tokenizer_depends_on_it(odd):
    (odd.path / "tokenizer.json").write_text("{}", encoding="utf-8")
    (odd.path / "environment.json").write_bytes(b"{")
    assert [problem.place.file for problem in problems_of(odd)] == [odd.path / "environment.json"]


FILES = [
    "state.json",
    "launched.json",
    "environment.json",
    "facts.json",
    "events.jsonl",
    "log.txt",
    "lock",
    "job.yaml",
    "report/metrics.json",
    "series/loss.bin",
    "series/loss.crc",
]


@pytest.mark.parametrize(
    ("name", "make"),
    [(name, make) for name in FILES for make in (pipe, device)]
    + [("state.json", make) for make in (circle, folder, holes)],
)
def test_what_is_no_file_is_never_waited_for(name, make, good, odd, capsys):
    path = odd.path / name
    path.unlink(missing_ok=True)
    make(path)
    told = commands(odd, capsys)
    assert good.id in told
    server_views(odd)
    if name in ("state.json", "environment.json", "facts.json", "events.jsonl", "report/metrics.json", "job.yaml"):
        assert name.removeprefix("report/") in told


@pytest.mark.parametrize("name", ["series", "report", "checkpoints", "command", "export"])
def test_a_folder_that_is_a_link_is_named_and_not_followed(name, good, odd, tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    shutil.move(odd.path / name, elsewhere)
    (odd.path / name).symlink_to(elsewhere)
    before = contents(elsewhere)
    told = commands(odd, capsys)
    assert "run.odd-file" in told
    assert good.id in told
    server_views(odd)
    for act in (lambda: odd.request({"command": "stop"}), lambda: take(odd), lambda: keep(odd, 10)):
        with pytest.raises(TunesmithError) as error:
            act()
        assert error.value.code == "run.odd-file"
    assert contents(elsewhere) == before
    assert odd.series() == [] or name != "series"
    assert odd.checkpoints() == [] or name != "checkpoints"


def take(run: RunFolder) -> None:
    with hold(run):
        pass


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("lock", lambda run: take(run)),
        ("log.txt", lambda run: resume(run, worker=("true",))),
        ("events.jsonl", lambda run: run.set_state("paused")),
        ("checkpoints/lock", lambda run: keep(run, 10)),
        ("checkpoints/step-10.keep", lambda run: keep(run, 10)),
        ("series/loss.bin", lambda run: run.recorder(after_step=5)),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)
@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_written_through_a_link(name, act, exists, odd, tmp_path):
    precious = tmp_path / "precious"
    if exists:
        precious.write_text("precious" * 20)
    (odd.path / name).unlink(missing_ok=True)
    (odd.path / name).symlink_to(precious)
    with suppress(OSError):
        act(odd)
    assert precious.exists() == exists
    assert not exists or precious.read_text() == "precious" * 20


def test_a_checkpoint_that_is_a_link_is_none(odd, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (odd.checkpoints_folder / "step-20").symlink_to(elsewhere)
    assert [path.name for path in odd.checkpoints()] == ["step-10"]


def test_a_run_that_is_a_link_is_none_and_is_named(good, tmp_path, capsys):
    other = made(tmp_path / "other", "private")
    link = good.path.parent / other.id
    link.symlink_to(other.path)
    project = ["--project", str(tmp_path)]
    assert main(["runs", *project]) == 0
    told = capsys.readouterr()
    assert good.id in told.out
    assert other.id not in told.out
    assert f"{other.id} is passed over: it is a link" in told.err
    assert [run.id for run in CachedRuns(good.path.parent).all()] == [good.id]
    assert main(["delete", other.id, "--purge", *project]) == 2
    assert other.state().status == "stopped"


def test_what_a_deleted_run_links_to_stays(odd, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "a").write_text("a")
    (odd.export_folder / "model").symlink_to(precious)
    purge(delete(odd))
    assert (precious / "a").read_text() == "a"


def test_a_trash_that_is_a_link_gets_nothing_and_loses_nothing(odd, tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "precious").mkdir(parents=True)
    (odd.path.parents[1] / "trash").symlink_to(elsewhere)
    project = ["--project", str(tmp_path)]
    for words in (["delete", odd.id], ["delete", odd.id, "--purge"], ["delete", "--empty-trash"]):
        assert main([*words, *project]) == 2
        assert "run.odd-file" in capsys.readouterr().err
    assert [item.name for item in elsewhere.iterdir()] == ["precious"]


def test_a_report_names_no_file_outside_of_its_folder(odd, tmp_path):
    (tmp_path / "secret").write_text("secret")
    for name in ("../../../../secret", str(tmp_path / "secret"), "..", ""):
        guarded.write_guarded(
            odd.report_folder / "metrics.json", {"headline": "", "metrics": {}, "sha256": {name: "0"}}
        )
        report = read_report(odd)
        assert report is not None
        (problem,) = report.problems
        assert problem.code == "run.damaged-file"


def test_a_series_that_is_too_large_for_one_is_named(odd):
    holes(odd.series_file("loss"))
    assert any("loss" in problem.message and "larger" in problem.message for problem in problems_of(odd))


def test_an_older_run_without_checksums_opens_and_it_is_reported(odd, capsys):
    for name in ("facts.json", "environment.json"):
        body = guarded.decode((odd.path / name).read_bytes())
        (odd.path / name).write_text(json.dumps(body))
    odd.job_file.write_text("task: regression\nseed: 7\n")
    lines = odd.events_file.read_bytes().splitlines()
    odd.events_file.write_text("".join(json.dumps(guarded.decode_line(line)) + "\n" for line in lines))
    assert main(["show", odd.id, "--project", str(odd.path.parents[2])]) == 0
    told = capsys.readouterr().out
    assert "seed" in told
    assert "info[run.unguarded]" in told
    assert "environment.json" in told


def test_the_queue_passes_over_a_waiting_run_whose_job_is_damaged(good, odd):
    queue = RunQueue(good.path.parent, worker=("true",))
    for run in (odd, good):
        queue.add(run)
    odd.job_file.write_bytes(odd.job_file.read_bytes().replace(b"7", b"8"))
    assert queue.launch_next() == [good]
    assert queue.read().ids == []


@pytest.mark.parametrize(
    "change",
    [
        {"time": 1e300},
        {"time": "now"},
        {"seconds": float("nan")},
        {"step": 10**19},
        {"step": "10"},
        {"kind": 7},
        {"metrics": {"mae": 10**400}},
    ],
    ids=str,
)
def test_an_event_that_no_worker_writes_is_left_out_and_reported(change, odd, good, capsys):
    event = {"kind": "evaluation", "time": 1.0, "step": 10, "metrics": {"mae": 0.5}, **change}
    text = json.dumps(event)
    with odd.events_file.open("a") as file:
        file.write(text + "\n")
    assert "run.damaged-events" in commands(odd, capsys)
    assert all(event.get("metrics") != {"mae": 0.5} for event in odd.events())
    server_views(odd)


def test_a_flipped_byte_in_an_event_leaves_that_event_out(odd):
    content = odd.events_file.read_bytes()
    odd.events_file.write_bytes(content.replace(b'"mae": 0.25', b'"mae": 0.75'))
    assert [event for event in odd.events() if event["kind"] == "evaluation"] == []
    assert [problem.code for problem in problems_of(odd)] == ["run.damaged-events"]


def test_events_of_a_worker_are_read_as_they_were_told(odd):
    line = events.encode("warning", {"message": 'a "checksum": "00000000"}'}, now=1.0)
    events.append(odd.events_file, line)
    assert odd.events()[-1] == {"kind": "warning", "time": 1.0, "message": 'a "checksum": "00000000"}'}


def test_a_state_keeps_its_numbers_and_its_fields(odd):
    state = replace(odd.state(), extra={"wide": "é\ud800", "tags": ["a"]})
    odd._write_state(state, durable=False)
    assert odd.state() == state
    json.loads(odd.state_file.read_text("utf-8"))


def test_the_drawn_curves_of_an_odd_series_are_none(odd):
    from tunesmith.protocol.series import SeriesParams
    from tunesmith.runs.windows import SeriesWindows

    path = odd.series_file("loss")
    path.unlink()
    pipe(path)
    (curve,) = curves(odd, SeriesWindows(), SeriesParams(run=odd.id, names=("loss",)), lambda: None)
    assert curve.records == 0


def test_aliases_that_stand_for_billions_in_a_frozen_job_are_not_followed(good, odd, capsys):
    levels = "".join(f"{name}: [{', '.join([f'*{below}'] * 9)}]\n" for below, name in pairwise("abcdefghijk"))
    bomb = "a: &a [x]\n" + "".join(line.replace(": ", f": &{line[0]} ", 1) for line in levels.splitlines(keepends=True))
    odd.job_file.write_text(bomb)
    told = commands(odd, capsys)
    server_views(odd)
    assert "aliases" in told
    assert good.id in told
