"""A job under debugpy, launched by a client that speaks the Debug Adapter Protocol as editors do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tunesmith
from dap_client import Debuggee, Stop
from debug_project import OUTLIER, ROOT_OF_NEGATIVE, line_of, write_project
from real_workers import ForkServer, new_run, read

RUNTIME = Path(tunesmith.__file__).parent
ENVIRONMENT = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
BATCH = "__import__('hashlib').sha256(b''.join(batch[name].numpy().tobytes() for name in sorted(batch))).hexdigest()"


def debugged(folder: Path, *words: str, lines: dict[Path, list[int]] | None = None) -> Debuggee:
    """The runtime counts as a library, as it does where it is installed: what stops must stop all the same."""
    return Debuggee("tunesmith", words, folder=folder, lines=lines, environment=ENVIRONMENT, libraries=[RUNTIME])


def told(program: Debuggee, stop: Stop | None) -> dict[str, Any]:
    """What the user sees where we stop."""
    assert stop is not None, program.output
    assert (stop.function, stop.file.name) == ("stop_here", "stop_here.py"), (stop, program.output)
    assert "breakpoint()" in stop.file.read_text().splitlines()[stop.line - 2], "its text is there to be shown"
    names = program.variables(stop)
    assert {"step", "reason", "rows", "batch", "outputs", "targets", "losses", "loss", "model", "parts"} <= set(names)
    return {
        "step": int(names["step"]),
        "reason": names["reason"],
        "loss": program.evaluate(stop, "loss.item().hex()"),
        "batch": program.evaluate(stop, BATCH),
        "outputs": program.evaluate(stop, "outputs.tolist()"),
        "places": program.evaluate(stop, "' '.join(row['place'] for row in rows)"),
    }


def test_breakpoints_in_the_users_dataset_model_and_loss_are_hit_and_their_variables_read(tmp_path: Path) -> None:
    job = write_project(tmp_path, train="own.rows:made")
    rows, net, losses = (tmp_path / "own" / f"{name}.py" for name in ("rows", "net", "losses"))
    lines = {
        rows: [line_of(rows, "rows = list")],
        net: [line_of(net, "self.linear = "), line_of(net, "return self.linear")],
        losses: [line_of(losses, "return error")],
    }
    with debugged(tmp_path, "run", job.name, "--in-process", lines=lines) as program:
        stop = program.wait()
        assert stop is not None, program.output
        assert (stop.file, stop.function, stop.line) == (rows, "made", lines[rows][0])
        assert program.evaluate(stop, "file.name.endswith('rows.csv')") == "True"
        stop = program.go_on(stop)
        assert stop is not None, program.output
        assert (stop.file, stop.function) == (net, "__init__")
        assert program.variables(stop)["outputs"] == "1"
        stop = program.go_on(stop)
        assert stop is not None, program.output
        assert (stop.file, stop.function) == (net, "forward")
        assert program.evaluate(stop, "tuple(root.shape), self.training") == "((4, 1), True)"
        stop = program.go_on(stop)
        assert stop is not None, program.output
        assert (stop.file, stop.function) == (losses, "squared")
        assert program.evaluate(stop, "tuple(prediction.shape), tuple(error.shape)") == "((4,), (4,))"


def test_stops_on_step_row_spike_and_the_first_loss_that_is_not_finite_and_the_replay_is_equal_bit_for_bit(
    workers: ForkServer, tmp_path: Path
) -> None:
    job = write_project(tmp_path)
    recorded = workers.finish(new_run(job))
    losses = read(recorded, "loss")["value"]
    wanted = ["non-finite", "spike=20", "step=13", f"row=rows.csv:{OUTLIER + 1}"]
    reasons = ("not finite", "absolute deviations", "this is step 13", f"rows.csv:{OUTLIER + 1}")
    seen: list[dict[str, Any]] = []
    with debugged(
        tmp_path, "run", job.name, "--in-process", *(word for text in wanted for word in ("--break-on", text))
    ) as program:
        stop = program.wait()
        while stop is not None and not all(any(reason in at["reason"] for at in seen) for reason in reasons):
            seen.append(told(program, stop))
            stop = program.go_on(stop)
    assert [at["loss"] for at in seen] == [float(losses[at["step"] - 1]).hex() for at in seen]
    assert all(any(reason in at["reason"] for at in seen) for reason in reasons), seen
    spoilt = [at for at in seen if "not finite" in at["reason"]]
    assert all(f"rows.csv:{ROOT_OF_NEGATIVE + 1}" in at["places"] for at in spoilt)

    at_13 = next(at for at in seen if at["step"] == 13)
    with debugged(tmp_path, "replay", recorded.id, "--step", "13") as program:
        again = told(program, program.wait())
    assert f"recorded as {float(losses[12])!r}" in again["reason"]
    assert {**again, "reason": ""} == {**at_13, "reason": ""}


def test_in_a_replay_breakpoints_of_the_user_are_hit_in_the_wanted_step_alone(
    workers: ForkServer, tmp_path: Path
) -> None:
    job = write_project(tmp_path)
    run = workers.finish(new_run(job))
    net = tmp_path / "own" / "net.py"
    lines = {net: [line_of(net, "return self.linear")]}
    with debugged(tmp_path, "replay", run.id, "--step", "15", "--break", lines=lines) as program:
        stop = program.wait()
        assert stop is not None, program.output
        assert stop.function == "forward"  # steps 9 to 14 were taken on the way
        at_break = told(program, program.go_on(stop))
        assert at_break["step"] == 15
        assert at_break["loss"] == float(read(run, "loss")["value"][14]).hex()
