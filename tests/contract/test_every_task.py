"""What every task must keep, whichever it is: one suite over the catalog.

Each task is tried on the real data of its own template, cut to a few rows, with a small model. What is special to a
task (its figures against another library, its formats) has tests of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from real_workers import ForkServer, new_run, outcome, rewind
from small_loops import CATALOG, CPU
from template_projects import few_rows
from tunesmith.cli import main
from tunesmith.contracts.task import TaskRuntime
from tunesmith.data.features import Ragged, count
from tunesmith.data.load import load_data
from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.estimate.prepared import Request, material_of
from tunesmith.job.load import load_job
from tunesmith.python_process import code_command
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.reports import read_report
from tunesmith.server.work.models import predict as try_it
from tunesmith.server.work.preview import preview
from tunesmith.templates.make import make_project
from tunesmith.train.assemble import assemble, training_texts
from tunesmith.train.build import build_passing_loop, plan_of
from tunesmith.train.evaluate import merged, outputs_of, part_outputs
from tunesmith.train.loop import Loop
from tunesmith.train.precision import choose
from tunesmith.use.evaluate import measure
from tunesmith.use.export import export
from tunesmith.use.load import LoadedRun, load_run, read_facts
from tunesmith.use.predict import decoded, features_and_outputs, predict
from tunesmith.worker.replay import replay

TASKS = tuple(CATALOG.tasks)
SMALL = "{scratch: {layers: 1, width: 32, heads: 2, vocabulary: 300, window: 64, dropout: 0}}"
BATCH = 6
TRAINING = [
    "training.max_steps=4",
    f"training.batch_size={BATCH}",
    "evaluation.every=2 steps",
    "checkpoints.every=2 steps",
    "checkpoints.keep=9",
]


@pytest.fixture(scope="module", params=TASKS)
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def job(task: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job of the task's template, with few rows and a small model."""
    made = make_project(tmp_path_factory.mktemp("contract") / "project", task, CATALOG, columns={})
    few_rows(made.folder)
    return made.job


@pytest.fixture(scope="module")
def changes(job: Path) -> list[str]:
    of_its_own = load_job(job, CATALOG).job.model.name == "python"
    return TRAINING if of_its_own else [*TRAINING, f"model={SMALL}"]


@pytest.fixture(scope="module")
def run(job: Path, changes: list[str], workers: ForkServer) -> RunFolder:
    return workers.finish(new_run(job, *changes))


@pytest.fixture(scope="module")
def loaded(run: RunFolder) -> LoadedRun:
    return load_run(run)


@pytest.fixture(scope="module")
def held_out(loaded: LoadedRun) -> Rows:
    rows = load_data(loaded.job, CATALOG).validation
    assert rows is not None
    return rows.select(range(min(len(rows), 8)))


def inputs_of(loaded: LoadedRun, rows: Rows) -> Rows:
    """The rows as who asks for answers has them: without their answers."""
    wanted = loaded.task.inputs()
    return replace(rows, columns={role: cells for role, cells in rows.columns.items() if role in wanted})


def test_a_task_describes_itself(task: str) -> None:
    member = CATALOG.tasks[task].member
    assert member.default_metric in member.metric_names
    assert set(member.models) <= set(CATALOG.models)
    assert not set(member.stands_in_for) & set(TASKS), "a task that is there needs no stand-in"
    assert not set(member.aliases_elsewhere) & set(TASKS)
    for group in member.alternatives:
        assert set(group) <= set(member.columns)
    for metric in member.metrics:
        assert metric.formula and metric.range and metric.help


def test_a_quick_check_finds_the_template_good_and_loads_no_torch(job: Path) -> None:
    code = (
        "import sys; from tunesmith.cli import main; status = main(['check', '--quick', sys.argv[1]]);"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules; sys.exit(status)"
    )
    done = subprocess.run([*code_command(code), str(job)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "error[" not in done.stdout


def test_a_run_measures_every_metric_that_the_task_names(task: str, run: RunFolder) -> None:
    target = read_facts(run).values["target"]
    metrics = CATALOG.tasks[task].member.metrics
    named = {metric.name for metric in metrics if not metric.targets or target in metric.targets}
    evaluations = [event for event in run.events() if event["kind"] == "evaluation"]
    assert len(evaluations) == 2
    for event in evaluations:
        assert named <= set(event["metrics"]), named - set(event["metrics"])
    best = run.state().best
    assert best is not None
    assert best["metric"] in named


def test_a_report_holds_sentences_blocks_and_the_hardest_rows(run: RunFolder) -> None:
    for part in ("", "test"):
        report = read_report(run, part=part)
        assert report is not None
        assert report.headline
        assert report.problems == ()
        assert report.blocks, "tables or charts say more than sentences"
        assert report.hardest
        assert all(Path(row["file"]).exists() for row in report.hardest)
    page = (run.report_folder / "report.md").read_text("utf-8")
    assert report.hardest[0]["file"] or page


def without_figures(sentences: Sequence[str]) -> list[str]:
    return [re.sub(r"[-+]?\d[\d.,]*", "#", sentence) for sentence in sentences]


def test_a_report_that_is_made_again_says_what_the_first_one_says(task: str, run: RunFolder) -> None:
    copy = RunFolder(Path(shutil.copytree(run.path, run.path.with_name(f"{run.id}-again"))))
    measure(copy)
    for part in ("", "test"):
        first, again = read_report(run, part=part), read_report(copy, part=part)
        assert first is not None
        assert again is not None
        assert without_figures([again.headline, *again.warnings]) == without_figures([first.headline, *first.warnings])
        assert [block.as_json().keys() for block in again.blocks] == [block.as_json().keys() for block in first.blocks]
        assert without_figures(again.summary["words"]) == without_figures(first.summary["words"])
        figures, others = again.summary["metrics"], first.summary["metrics"]
        assert figures.keys() == others.keys()
        cheap = figures.keys() - {metric.name for metric in CATALOG.tasks[task].member.metrics if metric.dear}
        for name in cheap:  # a text that is written may turn at any token that is nearly as likely as another
            assert figures[name] == pytest.approx(others[name], rel=1e-4, nan_ok=True), name
    shutil.rmtree(copy.path)


def test_a_task_answers_by_what_the_contract_names_and_nothing_else(loaded: LoadedRun) -> None:
    kind = type(loaded.task)
    own = {"generates": "generate", "writes": "answers", "searches": "found_by"}
    for says, does in own.items():
        assert getattr(kind, says) == (getattr(kind, does) is not getattr(TaskRuntime, does)), (says, does)
    assert kind.separable == (kind.represent is TaskRuntime.represent)


def test_a_killed_run_goes_on_to_the_same_end(
    job: Path, changes: list[str], run: RunFolder, workers: ForkServer
) -> None:
    again = workers.finish(new_run(job, *changes))
    rewind(again)
    assert outcome(workers.finish(again)) == outcome(run)


def test_a_step_is_rebuilt_bit_for_bit(run: RunFolder) -> None:
    found = replay(run, 4, stop=False)
    assert found.exact, (found.loss, found.recorded)
    assert found.rows


def loop_of(job: Path, changes: list[str], micro: int) -> Loop:
    """The loop of a run, with steps split into micro-batches."""
    material = material_of(Request(file=job, overrides=(*changes, f"training.micro_batch_size={micro}")), CATALOG)
    texts = training_texts(material.job, material.train, CATALOG)
    assembled = assemble(material.job, material.facts, CATALOG, texts=texts)
    module = assembled.model.module
    features = assembled.task.encode(material.train, assembled.model)
    plan = plan_of(assembled, features)
    precision = choose("fp32", CPU, module)
    loop = build_passing_loop(assembled, CATALOG, plan=plan, precision=precision, device=CPU, train=features)
    module.train()
    return loop


def gradients(job: Path, changes: list[str], micro: int) -> tuple[float, dict[str, torch.Tensor]]:
    """The loss of the first step and all gradients."""
    loop = loop_of(job, changes, micro)
    module = loop.model.module
    for part in module.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0  # its draws depend on how a step is split
    loss = float(loop._mean_loss(1, loop.plan.rows(1)))
    return loss, {name: p.grad.clone() for name, p in module.named_parameters() if p.grad is not None}


def test_a_step_that_is_split_has_the_gradients_of_the_whole(job: Path, changes: list[str]) -> None:
    whole_loss, whole = gradients(job, changes, BATCH)
    for micro in (1, 4):
        loss, split = gradients(job, changes, micro)
        assert loss == pytest.approx(whole_loss, rel=1e-5)
        assert split.keys() == whole.keys()
        for name, gradient in whole.items():
            scale = max(
                float(gradient.abs().max()), 1e-2
            )  # where it is 0, as of a bias that all choices share: rounding
            assert torch.allclose(split[name], gradient, rtol=1e-4, atol=1e-5 * scale), name


def test_a_step_looks_at_its_own_rows_alone(job: Path, changes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten million rows, the lengths of all would cost more than a small model's step."""
    loop = loop_of(job, changes, 4)
    loop.plan.rows(1)  # the epoch is planned once, by the lengths of all its samples

    def of_few(self: Ragged) -> NDArray[np.int64]:
        assert len(self) <= BATCH, "the lengths of all samples are asked for"
        return np.diff(self.offsets)

    monkeypatch.setattr(Ragged, "lengths", property(of_few))
    loop._mean_loss(1, loop.plan.rows(1))


def test_rows_without_answers_get_answers_alone_and_together(loaded: LoadedRun, held_out: Rows) -> None:
    asked = inputs_of(loaded, held_out)
    together = predict(loaded, asked)
    assert len(together) == len(asked)
    assert json.loads(json.dumps(together)) == together
    alone = predict(loaded, asked.select([2]))
    assert alone[0].keys() == together[2].keys()


def test_texts_of_any_script_are_read(loaded: LoadedRun, held_out: Rows) -> None:
    roles = CATALOG.tasks[loaded.job.task].member.columns
    asked = inputs_of(loaded, held_out.select([0]))
    texts = [role for role in asked.columns if roles[role].holds == "text"]
    if not texts:
        pytest.skip("it reads no text")
    for text in ("你好，世界", "مرحبا", "👍🏽 e\u0301", "x" * 3000):
        changed = replace(asked, columns={**asked.columns, **{role: [text] for role in texts}})
        assert len(predict(loaded, changed)) == 1


def test_outputs_that_are_not_finite_are_judged_as_such(loaded: LoadedRun, held_out: Rows) -> None:
    features, outputs = features_and_outputs(loaded, held_out)
    broken: Any = (
        np.full_like(outputs, np.nan) if isinstance(outputs, np.ndarray) else [np.full_like(o, np.nan) for o in outputs]
    )
    answers = None
    if loaded.task.writes:
        answers = loaded.task.answers(loaded.model, held_out, lambda done: None)
    judged = loaded.task.judge(broken, features, held_out, answers)
    assert any("finite" in text for text in (judged.headline, *judged.warnings))
    losses = loaded.task.row_losses(broken, features)
    assert len(losses) == len(held_out)
    metrics = loaded.task.metrics(broken, features)
    assert all(isinstance(value, float) for value in metrics.values())


def test_figures_of_parts_that_are_merged_are_those_of_the_whole(loaded: LoadedRun, held_out: Rows) -> None:
    task, model = loaded.task, loaded.model
    features = task.encode(held_out, model)
    how: Any = {"batch_size": 1, "device": CPU, "autocast": nullcontext}
    whole = outputs_of(task, model, features, **how)
    samples = np.arange(count(features))
    parts = [part_outputs(task, model, features, samples[begin::3], **how) for begin in (2, 0, 1)]
    together = merged(parts)
    assert task.metrics(together, features) == pytest.approx(task.metrics(whole, features), rel=0, abs=0, nan_ok=True)
    assert np.array_equal(task.row_losses(together, features), task.row_losses(whole, features))
    with pytest.raises(ValueError, match="no part"):
        merged(parts[:2])
    if task.writes:
        texts = task.answers(model, held_out, lambda done: None)
        cut = [held_out.select(range(begin, min(begin + 3, len(held_out)))) for begin in range(0, len(held_out), 3)]
        pieces = [text for some in cut for text in task.answers(model, some, lambda done: None)]
        assert task.answer_metrics(pieces, held_out) == task.answer_metrics(texts, held_out)


def test_one_row_is_judged_like_many(loaded: LoadedRun, held_out: Rows) -> None:
    one = held_out.select([0])
    features, outputs = features_and_outputs(loaded, one)
    answers = loaded.task.answers(loaded.model, one, lambda done: None) if loaded.task.writes else None
    judged = loaded.task.judge(outputs, features, one, answers)
    assert judged.headline
    assert len(loaded.task.row_losses(outputs, features)) == 1
    assert all(isinstance(value, float) for value in loaded.task.metrics(outputs, features).values())


def with_answers(rows: Rows, task: str, answer: Any) -> Rows:
    """The rows with `answer` in place of their own, in the form that the task's column has."""
    columns = dict(rows.columns)
    for role, column in CATALOG.tasks[task].member.columns.items():
        if role in columns and column.answer and not (answer is None and column.holds == "number"):
            several = isinstance(columns[role][0], (list, tuple)) and column.holds != "label"
            columns[role] = [[answer] * len(cell) if several and answer else answer for cell in columns[role]]
    return replace(rows, columns=columns)


@pytest.mark.parametrize("answer", ["never seen in training", None], ids=["unseen", "empty"])
def test_an_answer_that_cannot_be_judged_is_named_with_its_row_or_judged(
    task: str, loaded: LoadedRun, held_out: Rows, answer: str | None
) -> None:
    odd = with_answers(held_out, task, answer)
    module = CATALOG.tasks[task].module
    named = dict(module.unusable_rows(loaded.job, odd, loaded.facts)) if hasattr(module, "unusable_rows") else {}
    found = module.check_rows(loaded.job, odd, loaded.facts, loaded.model.text)
    assert all(problem.message and problem.place for problem in found)
    kept = odd.without(sorted(named))
    if named or not len(kept):
        assert all(named.values()), "each row says why"
        return
    refused = [problem.code for problem in found if problem.severity == "error"]
    if refused:
        with pytest.raises(TunesmithError) as caught:
            loaded.task.encode(kept, loaded.model)
        assert caught.value.code in refused, "`check` says what a run would say"
        assert caught.value.problem.place.line
        return
    features, outputs = features_and_outputs(loaded, kept)
    assert len(loaded.task.row_losses(outputs, features)) == len(kept)
    loaded.task.metrics(outputs, features)


def test_roles_that_are_not_needed_may_be_missing(loaded: LoadedRun, held_out: Rows) -> None:
    needed = [role for role, is_needed in loaded.task.inputs().items() if is_needed]
    asked = replace(held_out, columns={role: held_out.columns[role] for role in needed})
    assert len(predict(loaded, asked)) == len(held_out)


def test_the_wizard_finds_the_columns_of_the_tasks_own_data(task: str, job: Path) -> None:
    data = load_job(job, CATALOG).job.data
    source = str(job.parent / data.train)
    shown = preview(path=source, task=task, columns=data.columns, rows=3)
    assert shown["problems"] == []
    member = CATALOG.tasks[task].member
    assert {role for role, column in member.columns.items() if column.required} <= set(shown["roles"])
    assert preview(path=source, task=None, columns={}, rows=3)["task"] in TASKS


def test_try_it_answers_what_is_typed_or_chosen_before_and_after_tuning(
    job: Path, run: RunFolder, loaded: LoadedRun
) -> None:
    needed = [role for role, is_needed in loaded.task.inputs().items() if is_needed]
    roles = CATALOG.tasks[loaded.job.task].member.columns
    texts, file = [], None
    if all(roles[role].holds in ("text", "words", "messages") for role in needed):
        texts = ["call it twice", "你好"]
        if len(needed) > 1:
            texts = [json.dumps(dict.fromkeys(needed, text)) for text in texts]
    else:
        file = str(job.parent / load_job(job, CATALOG).job.data.train)
    more: dict[str, Any] = {"checkpoint": "best", "max_new_tokens": 4, "temperature": 0.0, "seed": 1, "trusted": True}
    shown = try_it(run=str(run.path), texts=texts, file=file, limit=2, untuned=True, **more)
    assert len(shown["answers"]) == 2
    for answer in shown["answers"]:
        assert answer["answer"].keys() == answer["untuned"].keys()


def test_answers_of_rows_some_at_a_time_are_those_of_all(
    loaded: LoadedRun, held_out: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    features, outputs = features_and_outputs(loaded, held_out)
    whole = loaded.task.decode(outputs, features, held_out)
    monkeypatch.setattr("tunesmith.use.predict.AT_ONCE", 3)
    assert [answer for some in decoded(loaded, held_out, features, outputs) for answer in some] == whole


def test_every_row_has_a_loss_and_every_sample_a_row(loaded: LoadedRun, held_out: Rows) -> None:
    features, outputs = features_and_outputs(loaded, held_out)
    assert len(outputs) == count(features)
    assert len(loaded.task.row_losses(outputs, features)) == len(held_out)
    rows = np.asarray(features.get("row", np.arange(count(features))))
    assert rows.min() >= 0
    assert rows.max() < len(held_out)


def test_its_model_is_exported_and_has_a_card(run: RunFolder, tmp_path: Path) -> None:
    written = export(run, tmp_path / "model")
    card = (written / "README.md").read_text("utf-8")
    assert "## How good it is" in card
    assert "## How to use it" in card


def test_a_project_is_made_for_data_of_ones_own(job: Path, task: str, tmp_path: Path) -> None:
    template = load_job(job, CATALOG).job
    shutil.copytree(job.parent / "data", tmp_path / "data")
    source = tmp_path / template.data.train
    columns = {role: list(names) for role, names in template.data.columns.items()}
    made = make_project(tmp_path / "mine", task, CATALOG, data=source, columns=columns)
    assert load_job(made.job, CATALOG).job.task == task
    assert main(["check", "--quick", str(made.job)]) == 0
