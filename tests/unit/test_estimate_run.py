"""`tunesmith estimate` from outside: what it says before a run against what the run then does, and how it fails."""

import json
import os
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from real_workers import new_run
from support import tunesmith, write_text_job
from tunesmith.errors import TunesmithError
from tunesmith.estimate.energy import Power
from tunesmith.estimate.figures import Disk, Estimate, Memory, Time, estimate_from
from tunesmith.estimate.fit import judged, size
from tunesmith.estimate.prepared import Request
from tunesmith.estimate.run import COMMAND, decoded, encoded, estimate, unfinished
from tunesmith.estimate.shapes import Sizes
from tunesmith.runs import events

GB = 10**9


def tensor_bytes(file: Path) -> int:
    """What the tensors in a safetensors file take, its header left out."""
    content = file.read_bytes()
    return len(content) - 8 - struct.unpack("<Q", content[:8])[0]


def test_steps_evaluations_and_checkpoints_are_those_of_the_run(tmp_path, library_csv, tiny_bert, workers):
    job = write_text_job(
        tmp_path,
        library_csv,
        tiny_bert,
        "training: {batch_size: 16, max_steps: 7, ema: 0.9}",
        "evaluation: {every: 3 steps}",
        "checkpoints: {every: 2 steps, keep: 9}",
        "device: cpu",
    )
    done = tunesmith("estimate", str(job), "--json", cwd=tmp_path, timeout_s=600)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    run = new_run(job)
    workers.run(run)
    told = events.read(run.path / "events.jsonl")
    state = run.state()
    assert said["steps"] == state.total_steps == 7
    assert said["device"] == state.device
    assert said["evaluations"] == sum(event["kind"] == "evaluation" for event in told)
    checkpoints = [event for event in told if event["kind"] == "checkpoint"]
    best = {event["step"] for event in told if event["kind"] == "evaluation" and not event["best"]}
    spared = best - {2, 4, 6, 7}  # an evaluation that was no gain and saved nothing
    assert said["checkpoints"] == len(checkpoints) + len(spared)
    newest = run.checkpoints()[0]
    assert said["disk"]["one_checkpoint"] == sum(tensor_bytes(file) for file in newest.glob("*.safetensors"))
    assert said["measured"] is True
    assert said["memory"]["total"] == sum(value for key, value in said["memory"].items() if key != "total")
    assert said["time"]["total"] == pytest.approx(
        sum(said["time"][part] for part in ("loading", "training", "evaluation", "checkpoints", "report"))
    )
    assert all(said["time"][part] > 0 for part in ("loading", "training", "evaluation", "report"))
    assert not list((tmp_path / ".tunesmith").glob("**/.estimate-*")), "nothing is left of the piece that was written"


def test_a_quick_estimate_takes_no_step_and_says_so(tmp_path, library_csv, tiny_bert):
    job = write_text_job(tmp_path, library_csv, tiny_bert, "training: {batch_size: 16}")
    done = tunesmith("estimate", str(job), "--quick", "--set", "training.epochs=3", cwd=tmp_path, timeout_s=600)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "device",
        "weights",
        "steps",
        "memory",
        "disk",
    ]
    assert "time" not in done.stdout.split()
    assert not (tmp_path / ".tunesmith").exists(), "looking leaves nothing behind"


def test_a_job_whose_text_is_not_saved_yet_is_estimated_as_it_stands_in_the_editor(tmp_path, library_csv, tiny_bert):
    job = write_text_job(tmp_path, library_csv, tiny_bert)
    text = job.read_text("utf-8") + "training: {max_steps: 3}\n"
    job.write_text("task: nothing", "utf-8")
    parts = []
    said = estimate(Request(file=job, text=text, measure=False), tell=parts.append)
    assert said.steps == 3
    assert (said.measured, said.time) == (False, None)
    assert parts == [said, said], "the part without measurements comes first, and is all that there is"


def test_everything_wrong_with_a_job_is_reported_at_once_with_its_place(tmp_path, library_csv, tiny_bert):
    job = write_text_job(tmp_path, library_csv, tiny_bert, "training: {epochs: -1, learnig_rate: 1}")
    done = tunesmith("estimate", str(job), cwd=tmp_path)
    assert done.returncode == 2
    assert "error[job.unknown-key]" in done.stderr
    assert "error[job.wrong-value]" in done.stderr
    assert f"{job.name}:4" in done.stderr


def test_code_of_the_project_is_not_imported_where_it_is_not_trusted_and_may_print_where_it_is(tmp_path):
    (tmp_path / "own.py").write_text(
        "from torch import nn\n"
        "import os\n"
        "print('imported')\n"
        "os.write(2, bytes([255]))  # no UTF-8\n"
        "def make(outputs: int):\n"
        "    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, outputs))\n"
        "    float(module[1].weight.sum())  # wants a value: shapes alone will not do\n"
        "    return module\n"
        "def digits():\n"
        "    from sklearn.datasets import load_digits\n"
        "    found = load_digits()\n"
        "    return [{'image': image.astype('float32'), 'label': str(label)}\n"
        "            for image, label in zip(found.images[:64], found.target[:64])]\n",
        encoding="utf-8",
    )
    job = tmp_path / "own.job.yaml"
    job.write_text(
        "task: image-classification\nmodel: own:make\ndata: {train: 'own:digits', image: image, label: label}\n"
    )
    with pytest.raises(TunesmithError) as caught:
        estimate(Request(file=job, measure=False, trusted=False))
    assert caught.value.code == "job.untrusted"
    said = estimate(Request(file=job, measure=False))
    assert said.parameters == 64 * 8 + 8 + 8 * 10 + 10
    assert said.memory is not None


def test_a_model_that_would_be_downloaded_is_not_and_the_answer_says_so(tmp_path, library_csv):
    job = write_text_job(tmp_path, library_csv, "nobody/has-this-model", "network: true")
    with pytest.raises(TunesmithError) as caught:
        estimate(Request(file=job))
    assert caught.value.code == "estimate.model-not-here"


def test_a_run_that_cannot_fit_is_not_tried_and_what_would_fit_is_named(tmp_path, library_csv):
    job = tmp_path / "huge.job.yaml"
    job.write_text(
        "task: causal-lm\n"
        "model: {scratch: {layers: 8, width: 65536, heads: 512, vocabulary: 400, window: 64}}\n"
        f"data: {{train: {json.dumps(str(library_csv))}, text: doc}}\n"
        "training: {batch_size: 8}\n",
        encoding="utf-8",
    )
    done = tunesmith("estimate", str(job), "--json", cwd=tmp_path, timeout_s=600)
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["fits"] is False
    assert said["measured"] is False
    assert said["memory"]["total"] > 4 * said["memory"]["weights"] > 10**12
    assert "estimate.does-not-fit" in [problem["code"] for problem in said["problems"]]


def test_files_beside_the_process_take_no_librarys_place(tmp_path, library_csv, tiny_bert):
    job = write_text_job(tmp_path, library_csv, tiny_bert)
    for name in ("numpy.py", "torch.py", "measure.py"):
        (tmp_path / name).write_text("raise SystemExit('not the real one')", "utf-8")
    asked = encoded(Request(file=job, measure=False))
    done = subprocess.run(COMMAND, cwd=tmp_path, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert decoded(done.stdout.splitlines()[-1]).memory is not None


def test_a_process_that_takes_too_long_is_ended_and_named(tmp_path, library_csv, tiny_bert):
    job = write_text_job(tmp_path, library_csv, tiny_bert)
    with pytest.raises(TunesmithError) as caught:
        estimate(Request(file=job), deadline_s=0.05)
    assert caught.value.code == "estimate.failed"
    assert "0.05 s" in str(caught.value)


def said(**changes):
    """An estimate of 5.1 GB where 8 GB are free."""
    whole = Estimate(
        device="cuda:0",
        precision="bf16",
        memory=Memory(
            weights=GB, gradients=GB, optimizer=2 * GB, average=0, activations=GB, checkpoint=0, process=GB // 10
        ),
        host_bytes=GB,
        free_bytes=8 * GB,
        fits=True,
        disk=Disk(one_checkpoint=3 * GB, kept=9 * GB, most=12 * GB, series=1000, free=100 * GB),
        parameters=250_000_000,
        trainable_parameters=250_000_000,
        rows=100,
        labels=2,
        steps=10,
        steps_per_epoch=5,
        evaluations=2,
        checkpoints=3,
        time=Time(loading=1, training=2, evaluation=3, checkpoints=4, report=5, step=0.2),
        energy_j=3600.0,
        measured=True,
        notes=("a note",),
    )
    return replace(whole, **changes)


def sizes(step):
    return Sizes(
        parameters=1, trainable_parameters=1, weights=1, gradients=1, optimizer=1, average=0, checkpoint=0, step=step
    )


def line(overrides):
    """2 GB and 1 GB for each row of a micro-batch; LoRA spares 1 GB, recomputing half of what grows."""
    rows = next((int(each.rpartition("=")[2]) for each in overrides if "micro" in each), 32)
    lean = 0.5 if any("activation" in each for each in overrides) else 1.0
    return sizes(round((2 - ("method=lora" in overrides) + rows * lean) * GB))


def test_an_estimate_survives_the_way_through_json():
    whole = judged(said(free_bytes=4 * GB, fits=False), line, micro_batch_size=32, method="full")
    assert whole.problems
    assert whole.remedies == () or whole.remedies
    assert estimate_from(json.loads(json.dumps(whole.as_fields()))) == whole


def test_the_largest_micro_batch_that_fits_is_named_first_and_only_what_fits_is_named():
    too_large = said(memory=replace(said().memory, activations=30 * GB), free_bytes=11 * GB, fits=False)
    whole = judged(too_large, line, micro_batch_size=32, method="full")
    assert [remedy.overrides for remedy in whole.remedies] == [("training.micro_batch_size=8",)]
    assert whole.remedies[0].memory_bytes == 10 * GB
    [problem] = whole.problems
    assert problem.code == "estimate.does-not-fit"
    assert "training.micro_batch_size: 8 (10.0 GB)" in problem.hint
    roomier = replace(too_large, free_bytes=20 * GB)
    assert [remedy.overrides[0] for remedy in judged(roomier, line, micro_batch_size=32, method="full").remedies] == [
        "training.micro_batch_size=16",
        "training.activation_checkpointing=true",
    ]


def test_where_no_single_change_is_enough_all_together_are_tried():
    whole = judged(said(free_bytes=int(1.6 * GB), fits=False), line, micro_batch_size=32, method="full")
    [remedy] = whole.remedies
    assert remedy.overrides == ("training.micro_batch_size=1", "training.activation_checkpointing=true", "method=lora")
    nothing = judged(said(free_bytes=GB, fits=False), line, micro_batch_size=32, method="full")
    assert nothing.remedies == ()
    assert "smaller model" in nothing.problems[0].hint


def test_a_disk_that_is_too_small_for_all_checkpoints_is_a_warning():
    full = said(disk=Disk(one_checkpoint=3 * GB, kept=9 * GB, most=12 * GB, series=0, free=11 * GB))
    [problem] = judged(full, line, micro_batch_size=32, method="full").problems
    assert (problem.code, problem.severity) == ("estimate.disk-too-small", "warning")
    assert judged(said(), line, micro_batch_size=32, method="full").problems == ()


def test_a_process_that_the_system_ended_leaves_what_was_known_and_the_reason():
    left = unfinished(said(measured=False, time=None), -9, "")
    assert left.memory == said().memory
    assert "not enough memory" in left.notes[-1]
    with pytest.raises(TunesmithError, match="its exit status was 3"):
        unfinished(None, 3, "")


def test_power_of_the_processor_is_joules_by_seconds_and_nothing_where_there_is_no_counter(tmp_path, monkeypatch):
    counter = tmp_path / "energy_uj"
    monkeypatch.setattr("tunesmith.env.meters.RAPL", counter)
    power = Power(None)
    power.begin()
    power.look()
    assert power.mean() is None
    counter.write_text("1000000\n")
    power.begin()
    counter.write_text("3000000\n")
    power.look()
    assert power.mean() is not None
    assert power.mean() > 0


@pytest.mark.parametrize(
    ("count", "text"), [(5_100_000_000, "5.1 GB"), (272_568_252, "273 MB"), (999, "999 bytes"), (1500, "1.5 kB")]
)
def test_bytes_are_written_as_a_person_reads_them(count, text):
    assert size(count) == text


def test_the_disk_is_measured_that_runs_live_on(tmp_path, monkeypatch):
    import torch

    from tunesmith.estimate.saving import checkpoint_seconds

    monkeypatch.setenv("TUNESMITH_FOLDER", str(tmp_path / "large disk"))
    runs = tmp_path / "large disk" / "runs"
    runs.mkdir(parents=True)
    os.utime(runs, (0, 0))
    taken = checkpoint_seconds([torch.zeros(1000)], 4000, folder=tmp_path / "project", times=1, shares_processor=False)
    assert taken > 0
    assert runs.stat().st_mtime > 0
    assert list(runs.iterdir()) == []
