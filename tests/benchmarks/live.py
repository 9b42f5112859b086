"""Looking at runs through the real server: a series of ten million records, and a run that trains.

    python live.py

"series" asks a fresh `tunesmith serve` for 2,000 columns of ten million records: the first time, and then two hundred
windows of all widths at random places, a third of them smoothed. "tensorboard" reads a tenth of that with TensorBoard's
own reader (no cap on points), which is what its server does before it can show them. "follow" starts a real run whose
network notes the time of each of its steps, 200 a second, and subscribes to it: how long after the beginning of a step
its loss is with the client.
"""

from __future__ import annotations

import argparse
import array
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common import Comparison, Figures, Target, main, parser, peak_mb
from data import write_digits
from perceptron import JOB, ROWS

NETWORK = '''\
"""A network that notes when each training step begins, 200 a second."""

import os
import struct
import time

from torch import nn

STEPS = os.open("{file}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


class Perceptron(nn.Sequential):
    last = 0.0

    def forward(self, pixels):
        if self.training:
            time.sleep(max(0.0, self.last + 1 / {per_second} - time.monotonic()))
            self.last = time.monotonic()
            os.write(STEPS, struct.pack("<d", self.last))
        return super().forward(pixels)


def perceptron():
    return Perceptron(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
'''
STATE = '{"status": "finished", "name": "long", "created": 1.0, "updated": 1.0}'


class Client:
    """Speaks to a server of its own; notifications are kept with the moment at which they were there in whole."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tunesmith", "serve"]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.told: list[tuple[float, dict[str, Any]]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._came = threading.Condition()
        self._number = 0
        threading.Thread(target=self._listen, daemon=True).start()
        options = {"trusted": True}
        self.ask("initialize", {"rootUri": folder.as_uri(), "capabilities": {}, "initializationOptions": options})
        self._send({"method": "initialized", "params": {}})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """The result of a request."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        with self._came:
            while self._number not in self._answers:
                self._came.wait()
            answer = self._answers.pop(self._number)
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]

    def end(self) -> None:
        """Say goodbye."""
        self.ask("shutdown", {})
        self._send({"method": "exit"})
        self.process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = int(line.partition(b":")[2])
            stream.readline()
            body = stream.read(length)
            now = time.monotonic()
            message = json.loads(body)
            with self._came:
                if "method" in message:
                    self.told.append((now, message))
                else:
                    self._answers[message["id"]] = message
                self._came.notify()


def series(options: argparse.Namespace) -> Figures:
    """A series of ten million records, asked for by a client."""
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as folder:
        run = Path(folder).resolve() / ".tunesmith" / "runs" / "20261125-101500-long-0000"
        (run / "series").mkdir(parents=True)
        (run / "job.yaml").write_text("task: none\n", "utf-8")
        (run / "state.json").write_text(STATE, "utf-8")
        (run / "events.jsonl").touch()
        (run / "series" / "loss.bin").hardlink_to(options.data / "loss.bin")  # a link by name is not read
        client = Client(Path(folder).resolve())
        asked = {"run": run.name, "names": ["loss"], "width": 2000}
        client.ask("tunesmith/runs", {})
        idle_mb = memory_mb(client.process.pid)
        took, _ = timed(client, asked)
        chance, later = random.Random(options.seed), []
        for number in range(200):
            width = options.records * 10 ** chance.uniform(-4, 0)
            first = chance.uniform(0, options.records - width)
            window: dict[str, Any] = {"first": first, "last": first + width}
            if number % 3 == 0:
                window["smoothing"] = chance.choice([0.6, 0.9, 0.99])
            if number % 4 == 0:
                window = {**window, "axis": "seconds", "first": first / 200, "last": (first + width) / 200}
            seconds, answer = timed(client, {**asked, **window})
            assert sum(answer["curves"][0]["count"]) > 0
            later.append(seconds)
        found = {"open_s": round(took, 3), **quantiles(later, "window"), "records": options.records}
        found |= {"idle_mb": idle_mb, "grown_mb": round(memory_mb(client.process.pid) - idle_mb, 1)}
        client.end()
        return found


def timed(client: Client, asked: dict[str, Any]) -> tuple[float, Any]:
    """Seconds from the request until its answer is parsed, and the answer."""
    began = time.perf_counter()
    answer = client.ask("tunesmith/series", asked)
    return time.perf_counter() - began, answer


def memory_mb(pid: int) -> float:
    """What the process holds now."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1000, 1)


def quantiles(seconds: Sequence[float], name: str) -> Figures:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        f"{name}_median_ms": round(statistics.median(ordered) * 1000, 2),
        f"{name}_p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))] * 1000, 2),
    }


def tensorboard(options: argparse.Namespace) -> Figures:
    """A tenth of the records, by TensorBoard's reader."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    began = time.perf_counter()
    reader = EventAccumulator(str(options.data / "tensorboard"), size_guidance={"scalars": 0})
    reader.Reload()
    took = time.perf_counter() - began
    points = len(reader.Scalars("loss"))
    assert points == options.records // 10
    return {"open_s": round(took, 3), "records": points, "peak_mb": peak_mb()}


def follow(options: argparse.Namespace) -> Figures:
    """A real run of 200 steps a second, heard by a client."""
    with tempfile.TemporaryDirectory(prefix="tunesmith-benchmark-ours-") as name:
        folder = Path(name).resolve()
        steps_file = folder / "steps.bin"
        network = NETWORK.format(file=steps_file, per_second=options.per_second)
        (folder / "network.py").write_text(network, "utf-8")
        (folder / "rows.py").write_text(ROWS.format(file=str(options.data / "digits.npz")), "utf-8")
        job = folder / "benchmark.job.yaml"
        wanted = f"training:\n  max_steps: {options.steps}\n"
        text = JOB.format(epochs=1000, batch=64, rate=1e-3, seed=options.seed)
        job.write_text(text.replace("training:\n", wanted), "utf-8")
        client = Client(folder)
        run = client.ask("tunesmith/start", {"job": job.name, "mode": "now"})["run"]["id"]
        client.ask("tunesmith/subscribe", {"run": run})
        while client.ask("tunesmith/run", {"run": run})["run"]["status"] in ("queued", "preparing", "running"):
            time.sleep(0.5)
        client.end()
        assert (folder / ".tunesmith" / "runs" / run / "series" / "loss.bin").stat().st_size == options.steps * 24
        begun = array.array("d", steps_file.read_bytes())
        assert len(begun) == options.steps
        delays, messages = delays_of(client.told, begun)
        lasted = begun[-1] - begun[0]
        found = {**quantiles(delays[options.steps // 10 :], "heard"), "steps_per_s": round(len(begun) / lasted, 1)}
        return {**found, "messages_per_s": round(messages / lasted, 1)}


def delays_of(told: Sequence[tuple[float, dict[str, Any]]], begun: Sequence[float]) -> tuple[list[float], int]:
    """Seconds from the beginning of each step until its loss was there, and how many messages brought them."""
    delays: list[float] = []
    messages = 0
    for came, message in told:
        if message["method"] != "tunesmith/seriesAppended":
            continue
        for part in message["params"]["parts"]:
            if part["name"] == "loss":
                messages += 1
                assert part["first"] == len(delays)
                delays += [came - begun[step] for step in range(part["first"], part["records"])]
    assert len(delays) == len(begun), f"{len(delays)} of {len(begun)} steps were heard of"
    return delays, messages


PEERS = {"series": series, "tensorboard": tensorboard, "follow": follow}


def comparison(options: argparse.Namespace) -> Comparison:
    return Comparison(
        title=f"Through the server: a series of {options.records:,} records; a run of {options.per_second} steps/s",
        peers=tuple(PEERS),
        fields=("open_s", "window_median_ms", "window_p95_ms", "idle_mb", "grown_mb", "heard_median_ms", "heard_p95_ms",
                "steps_per_s", "messages_per_s"),
        targets=(
            Target(peer="series", field="open_s", at_most=0.5),
            Target(peer="series", field="window_p95_ms", at_most=50),
            Target(peer="series", field="open_s", against="tensorboard", at_most=0.1),
            Target(peer="follow", field="heard_p95_ms", at_most=150),
            Target(peer="follow", field="messages_per_s", at_most=10.5),
        ),
    )  # fmt: skip


def prepare(folder: Path, options: argparse.Namespace) -> None:
    """The series in our format, a tenth of it in TensorBoard's, and digits to train on."""
    import numpy as np

    from tunesmith.runs.series import FIELDS

    records = np.empty(options.records, FIELDS)
    records["step"] = np.arange(1, options.records + 1)
    records["seconds"] = records["step"] / 200
    records["value"] = 2 / np.sqrt(records["step"]) + np.random.default_rng(0).normal(0, 0.1, options.records)
    records.tofile(folder / "loss.bin")
    write_digits(folder / "digits.npz", rows=2000)
    if not options.only or "tensorboard" in options.only.split(","):
        write_tensorboard(folder / "tensorboard", records[: options.records // 10])


def write_tensorboard(folder: Path, records: Any) -> None:
    """The records as TensorBoard's event file."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder), max_queue_size=1000, flush_secs=600)
    for step, seconds, value in records.tolist():
        summary = Summary(value=[Summary.Value(tag="loss", simple_value=value)])
        writer.add_event(Event(wall_time=seconds, step=step, summary=summary))
    writer.close()


def options_of(arguments: list[str]) -> argparse.Namespace:
    made = parser(__doc__.splitlines()[0], list(PEERS))
    made.add_argument("--records", type=int, default=10_000_000, help="of the long series")
    made.add_argument("--steps", type=int, default=3000, help="of the run that is followed")
    made.add_argument("--per_second", type=int, default=200, help="its steps a second")
    return made.parse_args(arguments)


if __name__ == "__main__":
    chosen = options_of(sys.argv[1:])
    main(__file__, chosen, PEERS, comparison(chosen), prepare, ["records", "steps", "per_second"])
