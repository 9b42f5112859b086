"""Findings in job files: their spans, and the quick fixes that mend them."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from editor_marks import CATALOG, FILE, HOME, findings, fixed, fixes
from tunesmith.checks.job import check
from tunesmith.errors import Place, Problem
from tunesmith.server.editor.edits import applied
from tunesmith.server.editor.fixes import fixes_for
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.shape import View

GOOD = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata:\n  train: a.csv\n  label: c\n"


def underlined(text, code):
    finding = next(each for each in findings(text) if each.problem.code == code)
    return text[finding.start : finding.end]


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        (GOOD + "training: {epohcs: 3}\n", "job.unknown-key", "epohcs"),
        (GOOD + "training:\n  epochs: -3\n", "job.wrong-value", "-3"),
        (GOOD + "training:\n  loss: huber\n", "job.loss-does-not-fit", "huber"),
        (GOOD + "method: {lorra: {rank: 8}}\n", "job.unknown-member", "lorra"),
        (GOOD + "method:\n  lora:\n    rnk: 8\n", "job.unknown-key", "rnk"),
        (GOOD + "training:\n  epcohs: 2\n", "job.unknown-key", "epcohs"),
        (GOOD + "training:\n  optimizer:\n    adamm: {weight_decay: 0.1}\n", "job.unknown-member", "adamm"),
        (GOOD.replace("train: a", "trian: a"), "job.unknown-key", "trian"),
        (GOOD + "training.epochs: 3\n", "job.unknown-key", "training.epochs"),
        (GOOD + "epochs: 3\n", "job.unknown-key", "epochs"),
        (GOOD + "method: {lora: {rnk: 8}}\n", "job.unknown-key", "rnk"),
        (GOOD + "seed: 1\nseed: 2\n", "job.duplicate-key", "seed"),
        (GOOD + "training: 3\n", "job.wrong-value", "3"),
        (GOOD + "evaluation: {metric: f2}\n", "job.unknown-metric", "f2"),
        (GOOD + "training: {epochs: 3\nseed: 1\n", "job.yaml-syntax", "{epochs: 3"),
        (GOOD + "seed: 'x\n", "job.yaml-syntax", "'x"),
        ("task: regression\ndata: {train: a.csv}\n", "job.missing-key", "task"),
        ("", "job.missing-key", ""),
        ("漢字😀: 1\n" + GOOD, "job.unknown-key", "漢字😀"),
        (GOOD + "checkpoints: {every: 漢字}\n", "job.wrong-value", "漢字"),
    ],
)
def test_each_finding_underlines_what_it_is_about(text, code, span):
    assert underlined(text, code) == span


def test_a_finding_in_a_data_file_stands_at_the_key_that_names_it():
    problem = Problem(code="data.bad-row", message="m", place=Place(file=Path("/somewhere/a.csv"), line=7))
    [finding] = [each for each in findings(GOOD, more=[problem]) if each.problem.code == "data.bad-row"]
    assert GOOD[finding.start : finding.end] == "a.csv"
    assert finding.elsewhere == problem.place


@pytest.mark.parametrize(
    ("text", "code", "title", "after"),
    [
        ("training: {epohcs: 3}\n", "job.unknown-key", "Change to `epochs`", "training: {epochs: 3}\n"),
        ("training:\n  epcohs: 2\n", "job.unknown-key", "Change to `epochs`", "training:\n  epochs: 2\n"),
        ("training: {lr: 0.1}\n", "job.unknown-key", "Change to `learning_rate`", "training: {learning_rate: 0.1}\n"),
        ("epochs: 2\n", "job.unknown-key", "Write it as `training.epochs`", "training:\n  epochs: 2\n"),
        ("training.epochs: 2\n", "job.unknown-key", "Write it as `training.epochs`", "training:\n  epochs: 2\n"),
        ("lr: 0.1\ntraining: {epochs: 2}\n", "job.unknown-key", "Write it as `training.learning_rate`",
         "training: {epochs: 2, learning_rate: 0.1}\n"),
        ("method: lorra\n", "job.unknown-member", "Change to `lora`", "method: lora\n"),
        ("method: {'lorra': {rank: 8}}\n", "job.unknown-member", "Change to `lora`", "method: {'lora': {rank: 8}}\n"),
        ("method: {lora: {zz: 8, rank: 2}}\n", "job.unknown-key", "Remove `zz`", "method: {lora: {rank: 2}}\n"),
        ("training:\n  zzz: 1\n", "job.unknown-key", "Remove `zzz`", "training: {}\n"),
        ("seed: 1\nseed: 2\n", "job.duplicate-key", "Remove the second `seed`", "seed: 1\n"),
        ("training: {loss: huber}\n", "job.loss-does-not-fit", "Change to `auto`", "training: {loss: auto}\n"),
        ("training: {precision: fp17}\n", "job.wrong-value", "Change to `fp16`", "training: {precision: fp16}\n"),
        ("evaluation: {metric: acuracy}\n", "job.unknown-metric", "Change to `accuracy`",
         "evaluation: {metric: accuracy}\n"),
        ("seed: -4\n", "job.wrong-value", "Change to `42`", "seed: 42\n"),
        ("training: {epochs: 3\n", "job.yaml-syntax", "Add the missing `}`", "training: {epochs: 3}\n"),
        ("training:\n\tepochs: 3\n", "job.yaml-syntax", "Indent with spaces", "training:\n  epochs: 3\n"),
        ("model: scratch\nmethod: lora\n", "job.frozen-untrained-weights", "Tune all weights: `method: full`",
         "model: scratch\nmethod: full\n"),
        ("evaluation: {patience: 3}\n", "job.patience-without-validation", "Remove `evaluation.patience`",
         "evaluation: {}\n"),
        ("training: {warmup: 0.1, schedule: one-cycle}\n", "job.warmup-ignored", "Remove `training.warmup`",
         "training: {schedule: one-cycle}\n"),
        ("training: {batch_size: 8, micro_batch_size: 16}\n", "job.micro-batch-too-large", "Lower it to 8",
         "training: {batch_size: 8, micro_batch_size: 8}\n"),
    ],
)  # fmt: skip
def test_a_quick_fix_changes_only_what_is_wrong(text, code, title, after):
    base = GOOD if "model:" not in text else GOOD.replace("model: all-MiniLM-L6-v2\n", "")
    if "patience" in text:
        base = base.replace("  label: c\n", "  label: c\n  validation: none\n")
    assert fixed(base + text, code, title) == base + after
    assert code not in [each.problem.code for each in findings(base + after)]


@pytest.mark.parametrize(
    ("text", "title", "after"),
    [
        ("model: scratch\ndata: {train: a.csv}\n", "Add `task: regression`",
         "task: regression\nmodel: scratch\ndata: {train: a.csv}\n"),
        ("task: regression\ndata: {train: a.csv}\n", "Add `model: all-MiniLM-L6-v2`",
         "task: regression\nmodel: all-MiniLM-L6-v2\ndata: {train: a.csv}\n"),
        ("task: regression\nmodel: scratch\ndata:\n  label: x\n", "Add `data.train: data.csv`",
         "task: regression\nmodel: scratch\ndata:\n  train: data.csv\n  label: x\n"),
        ("task: regression\nmodel: scratch\ndata: {label: x}\n", "Add `data.train: data.csv`",
         "task: regression\nmodel: scratch\ndata: {train: data.csv, label: x}\n"),
        ("task: regression\nmodel: scratch\ndata:\n", "Add `data.train: data.csv`",
         "task: regression\nmodel: scratch\ndata:\n  train: data.csv\n"),
        ("task: regression\nmodel: scratch", "Add `data.train: data.csv`",
         "task: regression\nmodel: scratch\ndata:\n  train: data.csv"),
        ('{"task": "regression", "model": "scratch"}', "Add `data.train: data.csv`",
         '{"task": "regression", "model": "scratch", "data": {"train": data.csv}}'),
    ],
)  # fmt: skip
def test_a_missing_key_is_put_where_it_belongs(text, title, after):
    assert fixed(text, "job.missing-key", title) == after
    assert "job.missing-key" not in [each.problem.code for each in findings(after)]


def data_problem(code, **told):
    return Problem(code=code, place=Place(file=FILE, key=told.pop("key", "data")), severity="warning", **told)


def test_imbalance_is_answered_with_a_weighted_loss_and_the_reason():
    problem = data_problem(
        "data.imbalance", key="data.imbalance", message="the largest class has 48 times the rows of the smallest; x"
    )
    after = fixed(GOOD, "data.imbalance", "Use weighted-loss, because classes are 1 : 48", more=[problem])
    assert after == GOOD.replace("  train: a.csv\n", "  train: a.csv\n  imbalance: weighted-loss\n")


def test_a_column_is_chosen_among_those_that_play_no_role_yet():
    problem = data_problem(
        "data.no-column", message="m", allowed=("c", "message", "1"), hint="add `text: COLUMN` under `data:`"
    )
    titles = [fix.title for fix in fixes(GOOD, "data.no-column", more=[problem])]
    assert titles == ["Take `message` as the text", "Take `1` as the text"]
    after = fixed(GOOD, "data.no-column", "Take `1` as the text", more=[problem])
    assert after == GOOD + '  text: "1"\n'


def test_a_misspelt_column_in_a_list_is_respelt():
    text = "task: regression\nmodel: scratch\ndata:\n  train: a.csv\n  features: [x, hieght]\n"
    problem = data_problem(
        "data.missing-column", key="data.features", message="m", found="hieght", hint="did you mean height?"
    )
    after = fixed(text, "data.missing-column", "Change to `height`", more=[problem])
    assert after == text.replace("hieght", "height")


def test_a_misspelt_file_is_respelt():
    problem = data_problem(
        "data.missing-file", key="data.train", message="m", found="/p/a.csv", hint="did you mean data/b.csv?"
    )
    assert "train: data/b.csv\n" in fixed(GOOD, "data.missing-file", "Change to `data/b.csv`", more=[problem])


def test_what_hints_name_can_be_done_at_a_click():
    row = data_problem("data.bad-row", message="m", hint="mend the row, or set `bad_rows: skip`")
    assert "bad_rows: skip" in fixed(GOOD, "data.bad-row", "Skip rows that cannot be read", more=[row])
    model = data_problem("model.not-found", key="model", message="m", hint="... or write `network: true` in the job")
    assert fixed(GOOD, "model.not-found", "Let the model be downloaded once", more=[model]).endswith("network: true\n")


def test_windows_line_ends_are_kept():
    text = GOOD.replace("\n", "\r\n") + "evaluation: {patience: 2}\r\n"
    problem = data_problem("data.no-column", message="m", allowed=("t",), hint="add `text: COLUMN` under `data:`")
    assert "  text: t\r\n" in fixed(text, "data.no-column", "Take `t` as the text", more=[problem])


@pytest.mark.parametrize("text", ["hello\n", "tas\n", "- a\n"])
def test_no_fix_makes_invalid_yaml_of_what_was_valid(text):
    for finding in findings(text):
        for fix in fixes_for(finding, View(tree=scan(text), catalog=CATALOG, home=HOME)):
            YAML(typ="safe").load(applied(text, fix.edits))


def test_a_model_that_is_spelt_like_a_known_one_is_underlined_and_can_be_mended(tmp_path):
    (tmp_path / "a.csv").write_text("t,c\n" + "one text,a\nother text,b\n" * 20)
    text = GOOD.replace("L6-v2", "L6-v3")
    found = check(tmp_path / "x.job.yaml", text=text)["problems"]
    [problem] = [each for each in found if each.code == "model.not-found"]
    assert (problem.place.line, problem.hint) == (2, "did you mean all-MiniLM-L6-v2?")
    assert fixed(text, "model.not-found", "Change to `all-MiniLM-L6-v2`", more=[problem]) == GOOD


def test_the_data_is_checked_as_it_was_meant_beside_a_misspelt_key(tmp_path):
    (tmp_path / "a.csv").write_text("t,c\n" + "one text,a\nother text,b\n" * 20)
    text = "task: text-clasification\nmodel: all-MiniLM-L6-v2\ndata: {trian: a.csv, text: t, label: categry}\n"
    found = [(each.code, each.found) for each in check(tmp_path / "x.job.yaml", text=text)["problems"]]
    assert {("job.unknown-member", "text-clasification"), ("job.unknown-key", "trian")} <= set(found)
    assert ("data.missing-column", "categry") in found


def test_data_is_not_judged_by_a_value_that_is_not_understood(tmp_path):
    (tmp_path / "a.csv").write_text("t,c\n" + "one text,a\nother text,b\n" * 20)
    text = GOOD.replace("label: c", "label: 3")
    assert [each.code for each in check(tmp_path / "x.job.yaml", text=text)["problems"]] == ["job.wrong-value"]
