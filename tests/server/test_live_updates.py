"""Live updates of a real server: everything comes, merged, in time, and a client that stops reading costs nothing."""

from __future__ import annotations

import json
import math
import time

import psutil
import pytest

from server_client import RefusedError, eventually, serving
from support import wait_until, write_digits_job
from tunesmith.runs.folder import create_run, runs_root
from tunesmith.runs.queue import RunQueue
from tunesmith.runs.series import SeriesWriter
from tunesmith.runs.trash import delete


class Curve:
    """What a client has of a series that only applies what it is told."""

    def __init__(self, server, run, name="loss", known=0):
        self.server, self.run, self.name = server, run, name
        self.records = known
        self.values = [None] * known
        self.applied = 0

    def apply(self):
        heard = [message for message in self.server.heard("tunesmith/seriesAppended") if message["run"] == self.run]
        for message in heard[self.applied :]:
            for part in message["parts"]:
                if part["name"] == self.name:
                    assert part["first"] <= len(self.values)
                    del self.values[part["first"] :]
                    merged = [None] * (part["records"] - part["first"])
                    self.values += merged if part.get("high") else part.get("value", [])
                    self.records = part["records"]
        self.applied = len(heard)
        return self.records


def write(run, name, first, count, value=0.5):
    writer = SeriesWriter(run.series_file(name))
    for step in range(first, first + count):
        writer.append((step, step / 200, value))
    writer.flush()
    writer.close()


@pytest.fixture
def run(tmp_path):
    made = create_run(runs_root(tmp_path), "task: nothing\n", name="a")
    made.set_state("running")  # by this process, which is alive
    return made


def test_records_events_and_log_come_as_they_are_written(tmp_path, run):
    with serving(tmp_path) as server:
        write(run, "loss", 1, 3)
        begin = server.ask("tunesmith/subscribe", {"run": run.id, "log": True})
        assert (begin["series"], begin["event"]) == ([{"name": "loss", "records": 3}], 2)
        write(run, "loss", 4, 2, value=math.nan)
        run.recorder().event("evaluation", step=5, metrics={"accuracy": 0.5})
        with run.log_file.open("a") as log:
            log.write("hello\n")
        [part] = wait_until(lambda: server.heard("tunesmith/seriesAppended"))[0]["parts"]
        assert (part["first"], part["records"], part["step"]) == (3, 5, [4, 5])
        assert part["value"] == ["NaN", "NaN"]
        events = wait_until(lambda: server.heard("tunesmith/eventsAppended"))
        assert [(event["number"], event["kind"]) for event in events[0]["events"]] == [(3, "evaluation")]
        assert wait_until(lambda: server.heard("tunesmith/logAppended"))[0]["text"] == "hello\n"
        server.ask("tunesmith/unsubscribe", {"run": run.id})
        heard = len(server.told)
        write(run, "loss", 6, 1)
        server.ask("tunesmith/series", {"run": run.id})
        assert [each for each in server.told[heard:] if each["method"] == "tunesmith/seriesAppended"] == []
        run.set_state("finished")


def test_who_reconnects_gets_what_came_meanwhile(tmp_path, run):
    write(run, "loss", 1, 10)
    with serving(tmp_path) as server:
        asked = {"run": run.id, "seen": [{"name": "loss", "records": 4}], "afterEvent": 1, "log": True, "logOffset": 0}
        run.log_file.write_text("earlier\n")
        begin = server.ask("tunesmith/subscribe", asked)
        assert (begin["series"], begin["event"]) == ([{"name": "loss", "records": 4}], 1)
        [part] = wait_until(lambda: server.heard("tunesmith/seriesAppended"))[0]["parts"]
        assert part["step"] == list(range(5, 11))
        assert wait_until(lambda: server.heard("tunesmith/eventsAppended"))[0]["events"][0]["number"] == 2
        assert wait_until(lambda: server.heard("tunesmith/logAppended"))[0]["text"] == "earlier\n"
        run.set_state("finished")


def test_a_resumed_run_takes_back_what_it_had_told(tmp_path, run):
    with serving(tmp_path) as server:
        server.ask("tunesmith/subscribe", {"run": run.id})
        curve = Curve(server, run.id)
        for first in (1, 11, 21):
            write(run, "loss", first, 10)
            wait_until(lambda first=first: curve.apply() == first + 9)
        SeriesWriter(run.series_file("loss")).cut(17)
        writer = SeriesWriter(run.series_file("loss"))
        for step in range(18, 41):
            writer.append((step, step / 200 + 100, 0.25))
        writer.flush()
        writer.close()
        wait_until(lambda: curve.apply() == 40)
        assert curve.values == [0.5] * 17 + [0.25] * 23
        run.set_state("finished")


def test_runs_that_appear_change_get_lost_and_go_are_reported(tmp_path):
    with serving(tmp_path) as server:
        server.ask("tunesmith/runs")
        made = create_run(runs_root(tmp_path), "task: nothing\n", name="terminal")

        def last():
            told = server.heard("tunesmith/runChanged")
            return (told[-1]["run"]["status"], told[-1].get("gone", False)) if told else None

        wait_until(lambda: last() == ("queued", False))
        made.set_state("running", step=7)
        wait_until(lambda: last() == ("running", False))
        assert server.heard("tunesmith/runChanged")[-1]["run"]["step"] == 7
        made.set_state("running", pid=2**22 + 1)
        wait_until(lambda: last() == ("lost", False))
        assert server.heard("tunesmith/runChanged")[-1]["run"]["remedy"] == "resume"
        delete(made)
        wait_until(lambda: last() == ("lost", True))
        assert server.heard("tunesmith/runChanged")[-1]["run"]["id"] == made.id


def test_who_asks_for_no_changes_hears_only_those_of_its_subscriptions(tmp_path, run):
    with serving(tmp_path, watchRuns=False) as server:
        other = create_run(runs_root(tmp_path), "task: nothing\n", name="b")
        server.ask("tunesmith/subscribe", {"run": run.id})
        other.set_state("stopped")
        run.set_state("running", step=3)
        wait_until(lambda: server.heard("tunesmith/runChanged"))
        run.set_state("finished")
        wait_until(lambda: server.heard("tunesmith/runChanged")[-1]["run"]["status"] == "finished")
        assert {each["run"]["id"] for each in server.heard("tunesmith/runChanged")} == {run.id}


def test_updates_are_merged_to_at_most_ten_a_second_of_each_run(tmp_path, run):
    with serving(tmp_path) as server:
        server.ask("tunesmith/subscribe", {"run": run.id})
        curve, begun, step = Curve(server, run.id), time.monotonic(), 0
        while time.monotonic() - begun < 2:
            write(run, "loss", step + 1, 1)
            step += 1
        wait_until(lambda: curve.apply() == step)
        took = time.monotonic() - begun
        assert step > 100
        assert len(server.heard("tunesmith/seriesAppended")) <= 10 * took + 1
        assert curve.values == [0.5] * step
        run.set_state("finished")


def test_a_client_that_stops_reading_costs_bounded_memory_and_misses_nothing(tmp_path, run):
    """Its pipe is full while a run writes two million records and a long log; another run goes on; then it reads."""
    with serving(tmp_path) as server:
        server.ask("tunesmith/subscribe", {"run": run.id, "log": True})
        process = psutil.Process(server.process.pid)
        server.stop_reading()
        before = process.memory_info().rss
        written = 0
        for block in range(200):
            write(run, "loss", written + 1, 10_000, value=float(block))
            written += 10_000
            with run.log_file.open("a") as log:
                log.write(f"block {block} {'x' * 20_000}\n")
            run.set_state("running", step=written)
            server.tell("tunesmith/nothing")  # is taken, though nothing is read
        grown = process.memory_info().rss - before
        assert grown < 150e6, f"{grown / 1e6:.0f} MB"
        waiting = create_run(runs_root(tmp_path), "task: nothing\n", name="b")
        # Other work goes on: the server launches what waits as soon as the device is free.
        queue = RunQueue(runs_root(tmp_path))
        queue.set_parallel(2)
        queue.add(waiting)
        wait_until(lambda: waiting.state().status == "failed", 120)  # there is no such task
        server.go_on_reading()
        curve = Curve(server, run.id)
        wait_until(lambda: curve.apply() == written, 120)
        parts = [part for message in server.heard("tunesmith/seriesAppended") for part in message["parts"]]
        assert max(part["high"][-1] if part.get("high") else part["value"][-1] for part in parts) == 199.0
        assert sum(sum(part["count"]) if part.get("count") else len(part["step"]) for part in parts) == written
        assert len(parts) < 100
        log = server.heard("tunesmith/logAppended")
        assert sum(each.get("skipped", 0) for each in log) > 0
        assert log[-1]["end"] == run.log_file.stat().st_size
        run.set_state("finished")


def test_a_real_run_is_told_from_its_first_to_its_last_step(tmp_path):
    write_digits_job(tmp_path, "training: {epochs: 20, batch_size: 32}", "evaluation: {every: 100 steps}")
    with serving(tmp_path) as server:
        started = server.ask("tunesmith/start", {"job": "digits.job.yaml"})["run"]["id"]
        server.ask("tunesmith/subscribe", {"run": started, "log": True, "logOffset": 0, "afterEvent": 0})
        loss = Curve(server, started)
        rate = Curve(server, started, "learning_rate")
        accuracy = Curve(server, started, "validation_accuracy")
        eventually(lambda: loss.apply() == 300)
        wait_until(lambda: (rate.apply(), accuracy.apply()) == (300, 3))
        asked = {"run": started, "names": ["loss"], "width": 20_000}
        assert loss.values == server.ask("tunesmith/series", asked)["curves"][0]["mean"]
        eventually(lambda: server.heard("tunesmith/runChanged")[-1]["run"]["status"] == "finished")
        events = eventually(
            lambda: (
                (heard := [e for m in server.heard("tunesmith/eventsAppended") for e in m["events"]])
                and heard[-1].get("fields", {}).get("status") == "finished"
                and heard
            )
        )
        assert [event["number"] for event in events] == list(range(1, len(events) + 1))
        text = "".join(part["text"] for part in server.heard("tunesmith/logAppended"))
        assert "worker began" in text


def test_two_clients_hear_of_one_run_each_at_its_own_pace(tmp_path, run):
    with serving(tmp_path) as one, serving(tmp_path) as two:
        for server in (one, two):
            server.ask("tunesmith/subscribe", {"run": run.id})
        one.stop_reading()
        curves = [Curve(one, run.id), Curve(two, run.id)]
        for block in range(20):
            write(run, "loss", block * 50 + 1, 50)
            wait_until(lambda block=block: curves[1].apply() == block * 50 + 50)
        one.go_on_reading()
        wait_until(lambda: curves[0].apply() == 1000)
        run.set_state("finished")


def test_the_queue_is_told_and_survives_a_restart_of_the_server(tmp_path):
    job = write_digits_job(tmp_path, "training: {epochs: 5000, batch_size: 32}")
    with serving(tmp_path) as server:
        first, second, third = (server.ask("tunesmith/start", {"job": job.name})["run"]["id"] for _ in range(3))
        told = wait_until(
            lambda: [q for q in server.heard("tunesmith/queueChanged") if len(q["queue"]["waiting"]) == 2]
        )
        assert [each["run"] for each in told[-1]["queue"]["waiting"]] == [second, third]
        server.ask("tunesmith/queueMove", {"run": third, "position": 1})
    with serving(tmp_path) as server:
        queue = server.ask("tunesmith/queue")
        assert [each["run"] for each in queue["waiting"]] == [third, second]
        assert queue["running"] == [first]
        eventually(lambda: server.ask("tunesmith/run", {"run": first})["run"].get("step", 0) > 0)
        server.ask("tunesmith/command", {"run": first, "command": "stop"})
        eventually(lambda: server.ask("tunesmith/queue")["running"] == [third])
        server.ask("tunesmith/queueCancel", {"run": second})
        with pytest.raises(RefusedError) as caught:
            server.ask("tunesmith/queueCancel", {"run": second})
        assert caught.value.code == "run.not-queued"
        eventually(lambda: server.ask("tunesmith/run", {"run": third})["run"].get("step", 0) > 0)
        server.ask("tunesmith/command", {"run": third, "command": "stop"})
        eventually(lambda: server.ask("tunesmith/queue") == {"parallel": 1, "waiting": [], "running": []})


def test_a_queue_that_came_with_a_project_starts_nothing_trusted_or_not(tmp_path):
    planted = create_run(runs_root(tmp_path), "task: nothing\n", name="planted")
    queue_file = runs_root(tmp_path).parent / "queue.json"
    entry = {"run": planted.id, "added": time.time() + 60, "environment": {"PYTHONSTARTUP": "evil.py"}}
    queue_file.write_text(json.dumps({"parallel": 1, "waiting": [entry]}), encoding="utf-8")
    with serving(tmp_path, trusted=False, quiet=False) as server:
        problem = server.ask("tunesmith/queue")["problem"]
        assert problem["code"] == "run.foreign-queue"
        assert problem["file"] == str(queue_file)
        for _ in range(3):
            server.ask("tunesmith/queue", {"parallel": 2})
        assert planted.state().status == "queued"
        assert not (planted.path / "launched.json").exists()
        assert "problem" not in server.ask("tunesmith/queue")  # the change above has put the file aside
        server.ask("tunesmith/trust", {"trusted": True})
        for _ in range(3):
            server.ask("tunesmith/queue", {"parallel": 2})
        assert planted.state().status == "queued"
        assert not (planted.path / "launched.json").exists()
    assert any("run.foreign-queue" in line for line in server.complaints)
