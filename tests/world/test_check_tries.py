"""`check` builds the job and takes a small step: what cannot work is named before a run begins, and in the run too."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from real_workers import Ended, ForkServer
from server_client import serving
from support import errors_of, tunesmith
from tunesmith.checks.job import check
from tunesmith.errors import InvalidJob, Problem
from tunesmith.estimate.prepared import Request
from tunesmith.runs.launch import prepare
from tunesmith.trial.run import problems_in, try_job
from tunesmith.trial.work import try_here

GUIDE = """
from torch import nn

def perceptron(outputs):
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, outputs))

def convolution(outputs):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, outputs))

def pictures():
    import numpy as np
    noise = np.random.default_rng(0)
    return [{"image": noise.random((28, 28, 1), dtype=np.float32), "label": "ab"[row % 2]} for row in range(20)]
"""


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Writes a job on rows of eight numbers with three labels, and the code that it names.

    Every test has a module of its own name: Python keeps what it has imported.
    """
    module = f"nets_{zlib.crc32(request.node.nodeid.encode())}"

    def write(code: str = "", call: str = "net", *lines: str, method: str = "full", classes: str = "abc") -> Path:
        rows = np.random.default_rng(0).normal(size=(30, 8)).round(4)
        header = ",".join(f"f{place}" for place in range(8))
        body = [",".join(map(str, row)) + f",{classes[number % len(classes)]}" for number, row in enumerate(rows)]
        (tmp_path / "rows.csv").write_text("\n".join([f"{header},label", *body]) + "\n")
        (tmp_path / f"{module}.py").write_text("import torch\nfrom torch import nn\n" + code)
        columns = ", ".join(f"f{place}" for place in range(8))
        text = [
            "task: image-classification",
            f"model: {module}:{call}",
            f"method: {method}",
            f"data: {{train: rows.csv, columns: [{columns}], label: label, validation: 20%}}",
            *lines,
        ]
        job = tmp_path / "a.job.yaml"
        job.write_text("\n".join(text).replace("MODULE", module) + "\n")
        return job

    return write


def tried(job: Path, *overrides: str) -> list[Problem]:
    return try_here(Request(file=job, overrides=overrides))


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    return problems[0]


NET = "def net(outputs): return nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, outputs))\n"


def test_a_job_that_works_has_nothing_to_tell(project: Any) -> None:
    assert tried(project(NET)) == []


def test_the_guides_own_mistake_is_named_with_the_key_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "guide_nets.py").write_text(GUIDE)
    job = tmp_path / "a.job.yaml"
    job.write_text(
        "task: image-classification\nmodel: guide_nets:perceptron\n"
        "data: {train: 'guide_nets:pictures', image: image, label: label, validation: 20%}\n"
    )
    problem = only(tried(job))
    assert problem.code == "model.does-not-fit"
    assert "takes rows of 784 numbers" in problem.message
    assert "(4, 1, 28, 28)" in problem.message
    assert problem.hint == "write `flatten: true` under data: 1 x 28 x 28 = 784 numbers"
    assert problem.place.line == 2, "the line of `model` in the job"
    assert tried(job, "data.flatten=true") == []
    of_channels = only(tried(job, "model=guide_nets:convolution"))
    assert (of_channels.code, of_channels.found, of_channels.allowed) == ("model.does-not-fit", "1", ("3",))
    assert "`channels: 3`" in of_channels.hint


WRONG_NETS = {
    "layers that do not fit": (
        "class Net(nn.Module):\n    def __init__(self, outputs):\n        super().__init__()\n"
        "        self.a, self.b = nn.Linear(8, 16), nn.Linear(12, outputs)\n"
        "    def forward(self, x):\n        return self.b(self.a(x))\n"
        "def net(outputs): return Net(outputs)\n",
        ("model.does-not-fit", "16", ("12",)),
        "the layer b (Linear)",
    ),
    "five outputs for three labels": (
        "def net(): return nn.Linear(8, 5)\n",
        ("model.wrong-outputs", "a tensor of shape (4, 5)", None),
        "shape (4, 3)",
    ),
    "a forward pass that fails": (
        "class Net(nn.Module):\n    def __init__(self, outputs):\n        super().__init__()\n"
        "        self.a = nn.Linear(8, outputs)\n"
        "    def forward(self, x):\n        return self.a(x).nosuchthing\n"
        "def net(outputs): return Net(outputs)\n",
        ("model.forward-failed", "inputs of shape (4, 8)", None),
        "nosuchthing",
    ),
    "outputs that no weight decides": (
        "class Net(nn.Module):\n    def __init__(self, outputs):\n        super().__init__()\n"
        "        self.a = nn.Linear(8, outputs)\n"
        "    def forward(self, x):\n        return self.a(x).detach()\n"
        "def net(outputs): return Net(outputs)\n",
        ("train.no-gradient", "", None),
        "no trainable weight",
    ),
    "a loss that is no number": (
        "class Net(nn.Module):\n    def __init__(self, outputs):\n        super().__init__()\n"
        "        self.a = nn.Linear(8, outputs)\n"
        "    def forward(self, x):\n        return torch.log(-self.a(x).exp())\n"
        "def net(outputs): return Net(outputs)\n",
        ("train.not-finite", "nan", None),
        "first batch",
    ),
    "a constructor that fails": (
        "def net(outputs): raise KeyError('width')\n",
        ("model.callable-failed", "", None),
        "KeyError: 'width'",
    ),
    "no module": ("def net(outputs): return [1, 2]\n", ("model.not-a-module", None, None), "returned a list"),
}


@pytest.mark.parametrize("case", WRONG_NETS)
def test_a_model_that_cannot_work_is_named(project: Any, case: str) -> None:
    code, (wanted, found, allowed), words = WRONG_NETS[case]
    problem = only(tried(project(code)))
    assert problem.code == wanted
    assert words in problem.message
    assert problem.severity == "error"
    assert found is None or problem.found == found
    assert allowed is None or problem.allowed == allowed


def test_the_users_own_line_is_named(project: Any) -> None:
    job = project(WRONG_NETS["a forward pass that fails"][0])
    place = only(tried(job)).place
    assert place.file is not None
    assert place.file.read_text().splitlines()[(place.line or 0) - 1].strip() == "return self.a(x).nosuchthing"


def test_a_module_that_crashes_at_import_is_named_with_its_line(project: Any) -> None:
    for crash in ("1 / 0", "raise SystemExit(0)"):
        job = project(f"\n{crash}\n{NET}")
        problem = only(tried(job))
        assert problem.code == "job.cannot-import"
        assert (problem.place.file, problem.place.line) == (next(job.parent.glob("nets_*.py")), 4)


EXITS = {
    "making the model": ("def net(outputs): exit()\n", "model.callable-failed"),
    "its forward pass": (
        "class Net(nn.Linear):\n    def forward(self, x): exit()\ndef net(outputs): return Net(8, outputs)\n",
        "model.forward-failed",
    ),
    "the loss": (f"def loss(outputs, labels): exit()\n{NET}", "train.loss-failed"),
}


@pytest.mark.parametrize("where", EXITS)
def test_an_exit_in_the_projects_code_is_an_error_like_any_other(project: Any, where: str) -> None:
    code, expected = EXITS[where]
    problem = only(tried(project(code, "net", *(["training: {loss: 'MODULE:loss'}"] if where == "the loss" else []))))
    assert (problem.code, "SystemExit" in problem.message) == (expected, True)


@pytest.mark.parametrize("rows", ["exit(0)", "yield {'x': 1.0, 'y': 1.0}; exit(0)"], ids=["at once", "after a row"])
def test_check_never_calls_a_job_good_whose_rows_end_the_process(tmp_path: Path, rows: str) -> None:
    (tmp_path / "leaving.py").write_text(f"def rows():\n    {rows}\n")
    job = tmp_path / "a.job.yaml"
    job.write_text("task: regression\nmodel: leaving:net\ndata: {train: 'leaving:rows', columns: [x], target: y}\n")
    done = tunesmith("check", str(job), cwd=tmp_path)
    assert done.returncode == 2
    assert "data.callable-failed" in done.stdout + done.stderr
    assert "SystemExit" in done.stdout + done.stderr


def test_a_run_whose_code_exits_later_fails_by_name(project: Any, workers: ForkServer) -> None:
    job = project(
        "class Net(nn.Linear):\n    steps = 0\n    def forward(self, x):\n        self.steps += self.training\n"
        "        return exit() if self.steps > 3 else super().forward(x)\ndef net(outputs): return Net(8, outputs)\n",
        "net",
        "training: {batch_size: 4, epochs: 5}",
    )
    run, _ = prepare(job)
    assert workers.run(run) == Ended(killed=False, status=1)
    state = run.state()
    assert state.status == "failed"
    assert "model.forward-failed" in str(state.message)
    assert "SystemExit" in str(state.message)


def test_weights_that_gradients_do_not_reach_and_weights_that_are_not_trained_are_warned_of(project: Any) -> None:
    job = project(
        "class Net(nn.Module):\n    def __init__(self, outputs):\n        super().__init__()\n"
        "        self.used, self.idle, self.hidden = nn.Linear(8, outputs), nn.Linear(8, 4), [nn.Linear(8, 8)]\n"
        "    def forward(self, x):\n        return self.used(self.hidden[0](x))\n"
        "def net(outputs): return Net(outputs)\n"
    )
    found = {problem.code: problem for problem in tried(job)}
    assert set(found) == {"train.weights-without-gradient", "train.unregistered-weights"}
    assert "2 of the weights to be trained: idle.weight, idle.bias" in found["train.weights-without-gradient"].message
    assert "(8, 8), (8,)" in found["train.unregistered-weights"].message
    assert {problem.severity for problem in found.values()} == {"warning"}


def test_a_device_that_is_not_there_is_named(project: Any) -> None:
    if torch.cuda.is_available():
        pytest.skip("here is a GPU")
    job = project(NET, "net", "device: cuda")
    problem = only(tried(job))
    assert (problem.code, problem.found, problem.place.line) == ("env.no-such-device", "cuda", 5)
    assert "auto" in problem.allowed


def test_a_model_that_the_run_will_download_is_no_error(tmp_path: Path) -> None:
    rows = "".join(f"some good words {n},a\nsome bad words {n},b\n" for n in range(10))
    (tmp_path / "rows.csv").write_text("text,label\n" + rows)
    job = tmp_path / "a.job.yaml"
    data = "data: {train: rows.csv, text: text, label: label}"
    job.write_text(f"task: text-classification\nmodel: nobody/has-this-model\nnetwork: true\n{data}\n")
    problem = only(tried(job))
    assert (problem.code, problem.severity) == ("train.trial-without-model", "info")
    assert (problem.found, problem.place.line) == ("nobody/has-this-model", 2)
    assert only(tried(job, "network=false")).code == "model.not-found"


OWN_LOSSES = """
def mean(prediction, target): return nn.functional.cross_entropy(prediction, target)
def fails(prediction, target): return prediction[:, 10]
def constant(prediction, target): return torch.zeros(len(target), requires_grad=True)
"""


@pytest.mark.parametrize(
    ("loss", "code"),
    [("mean", "train.loss-not-per-target"), ("fails", "train.loss-failed"), ("constant", "train.no-gradient")],
)
def test_a_loss_that_cannot_work_is_named(project: Any, loss: str, code: str) -> None:
    job = project(NET + OWN_LOSSES, "net", f"training: {{loss: 'MODULE:{loss}'}}")
    assert only(tried(job)).code == code


@pytest.mark.parametrize(("net", "key"), [(NET, "training.loss"), (WRONG_NETS["a loss that is no number"][0], "model")])
def test_a_loss_that_is_no_number_is_laid_on_what_made_it_so(project: Any, net: str, key: str) -> None:
    """The project's own loss where the model's outputs are numbers, the model where they are none."""
    own = "def own(prediction, target): return torch.log(prediction[:, 0] * 0 - 1)\n"
    problem = only(tried(project(net + own, "net", "training: {loss: 'MODULE:own'}")))
    assert (problem.code, problem.found, problem.place.key) == ("train.not-finite", "nan", key)


def test_hinge_with_three_labels_is_refused_by_reading_and_by_run(project: Any) -> None:
    job = project(NET, "net", "training: {loss: hinge}")
    for name, other in (("hinge", "multi-class-hinge"), ("binary-cross-entropy", "cross-entropy")):
        errors = errors_of(check(job, overrides=[f"training.loss={name}"]))
        problem = only(errors)
        assert (problem.code, problem.hint) == ("train.two-classes-only", f"write {other}")
    project(NET, "net", "training: {loss: hinge}", classes="ab")
    assert errors_of(check(job)) == []
    assert tried(job) == []


CODE = """
from torch import nn
SIZES = [1, 2]
def net(outputs, width=4, *, depth=1): return nn.Linear(8, outputs)
def wants(outputs, width): return nn.Linear(8, outputs)
def loss(prediction, target, alpha=0.5): return prediction
def one(prediction): return prediction
class Own(nn.Module):
    def __init__(self, outputs): super().__init__()
if SIZES:
    def inner(outputs): return None
def decorated(function): return function
@decorated
def hidden(): return None
def rows(): return [{"a": 1, "label": "x"}]
"""

READ = {
    "model=MODULE:nett": ("job.no-such-callable", "rename it to MODULE:net"),
    "model=MODULES:net": ("job.cannot-import", "rename it to MODULE"),
    "model=no_such_package.nets:net": ("job.cannot-import", None),
    "model={name: 'MODULE:net', widht: 3}": ("job.wrong-arguments", "rename it to width"),
    "model=MODULE:wants": ("job.wrong-arguments", None),
    "training.loss=MODULE:los": ("job.no-such-callable", "rename it to MODULE:loss"),
    "training.loss={'MODULE:loss': {alhpa: 1}}": ("job.wrong-arguments", "rename it to alpha"),
    "training.loss=MODULE:one": ("job.wrong-arguments", None),
    "training.optimizer=MODULE:loss": ("job.wrong-arguments", None),
    "model=MODULE:net": None,
    "model={name: 'MODULE:net', width: 3, depth: 2}": None,
    "model={name: 'MODULE:wants', width: 3}": None,
    "model=MODULE:Own": None,
    "model=MODULE:inner": None,
    "model=MODULE:hidden": None,
    "model=MODULE:nn.Linear": None,
    "training.loss=torch.nn:MSELoss": None,
    "training.loss=MODULE:loss": None,
}


@pytest.mark.parametrize("override", READ)
def test_callables_are_read_and_not_imported(project: Any, tmp_path: Path, override: str) -> None:
    job = project(CODE + f"open({str(tmp_path / 'imported')!r}, 'w')\n")
    module = next(tmp_path.glob("nets_*.py")).stem
    expected = READ[override]
    errors = errors_of(check(job, overrides=[override.replace("MODULE", module)], trusted=False))
    assert not (tmp_path / "imported").exists()
    if expected is None:
        assert errors == []
        return
    problem = only(errors)
    assert problem.code == expected[0]
    assert problem.place.key == f"--set {override}".replace("MODULE", module)
    assert expected[1] is None or problem.hint == expected[1].replace("MODULE", module)
    with pytest.raises(InvalidJob) as caught:  # a run is refused in the same words, and leaves no folder
        prepare(job, overrides=[override.replace("MODULE", module)])
    assert caught.value.code == problem.code
    assert not (tmp_path / ".tunesmith" / "runs").exists()


def test_a_syntax_error_is_reported_with_its_place_and_a_module_full_of_stars_is_left_alone(project: Any) -> None:
    job = project("\ndef net(:\n    pass\n")
    problem = only(errors_of(check(job, trusted=False)))
    assert (problem.code, problem.place.line, problem.found) == ("job.cannot-import", 4, "def net(:")
    for opening in ("from os.path import *\n", "def __getattr__(name): return None\n", "globals()['net'] = print\n"):
        job = project(opening)
        assert errors_of(check(job, trusted=False)) == []


def test_the_command_line_reads_first_and_tries_then_and_a_run_ends_with_the_same_error(project: Any) -> None:
    job = project(WRONG_NETS["layers that do not fit"][0], "net", "training: {max_steps: 2}")
    checked = tunesmith("check", job.name, "--json", cwd=job.parent)
    problems = [each for each in json.loads(checked.stdout)["problems"] if each["severity"] == "error"]
    assert checked.returncode == 2
    assert [each["code"] for each in problems] == ["model.does-not-fit"]
    assert tunesmith("check", job.name, "--quick", cwd=job.parent).returncode == 0
    ran = tunesmith("run", job.name, cwd=job.parent)
    assert ran.returncode == 1
    assert "the layer b (Linear) takes rows of 12 numbers" in ran.stdout
    assert "tunesmith resume" not in ran.stdout
    assert f"tunesmith check {job.name}" in ran.stdout


def test_a_process_that_ends_without_an_answer_has_one(project: Any) -> None:
    problem = only(try_job(Request(file=project("import os\nos._exit(3)\n" + NET))))
    assert problem.code == "train.trial-ended"
    assert "status 3" in problem.message
    late = only(try_job(Request(file=project(NET)), deadline_s=0.01))
    assert (late.code, late.severity) == ("train.trial-too-long", "warning")
    assert only(problems_in("noise\n", "Segmentation fault\n", -11)).found == "Segmentation fault"


def test_nothing_is_left_behind_in_the_project(project: Any) -> None:
    job = project(NET)
    before = sorted(job.parent.iterdir())
    tried(job)
    shutil.rmtree(job.parent / "__pycache__", ignore_errors=True)
    assert sorted(job.parent.iterdir()) == before


def test_the_server_tries_the_jobs_of_a_trusted_project_alone(project: Any, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    job = project(f"open({str(ran)!r}, 'w')\n" + WRONG_NETS["layers that do not fit"][0])
    for trusted in (False, True):
        with serving(tmp_path, trusted=trusted) as server:
            answer = server.ask("tunesmith/check", {"job": job.name})
        errors = [each["code"] for each in answer["problems"] if each["severity"] == "error"]
        assert (answer["ok"], errors) == ((False, ["model.does-not-fit"]) if trusted else (True, []))
        assert ran.exists() is trusted
