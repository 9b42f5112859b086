"""A job file becomes a job, or every mistake in it is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.catalog import Catalog
from tunesmith.errors import InvalidJob
from tunesmith.job.load import LoadedJob, load_job, parse_job
from tunesmith.options import Interval

CATALOG = Catalog()
FILE = Path("reviews.job.yaml")
HERE = Path("/project")
SMALL = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: a.csv}\n"

DESIGN = """\
task: text-classification
model: sentence-transformers/all-MiniLM-L6-v2   # hub id, folder, bundled name, or package.module:callable
data:
  train: data/messages.csv
  validation: 10%
  text: message
  label: category
  imbalance: weighted-loss
method: {lora: {rank: 8, alpha: 16}}
training:
  epochs: 3
  batch_size: 32
  optimizer: adamw
  learning_rate: 2e-4
  schedule: {linear: {warmup: 10%}}
  loss: auto
evaluation: {every: 200 steps, metric: f1_macro, patience: 3}
checkpoints: {every: 200 steps, keep: 3}
seed: 7
"""


def parse(text: str, *overrides: str) -> LoadedJob:
    return parse_job(text, FILE, HERE, CATALOG, overrides)


def errors(text: str, *overrides: str) -> list[str]:
    with pytest.raises(InvalidJob) as caught:
        parse(text, *overrides)
    return [str(problem) for problem in caught.value.problems]


def codes(text: str, *overrides: str) -> list[str]:
    with pytest.raises(InvalidJob) as caught:
        parse(text, *overrides)
    return [problem.code for problem in caught.value.problems]


def test_the_job_of_the_design_is_read():
    job = parse(DESIGN).job
    assert job.model.name == "bundled"
    assert job.model.options["name"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert job.data.validation == 0.1
    assert job.data.columns == {"text": ("message",), "label": ("category",)}
    assert job.method.name == "lora"
    assert (job.method.options["rank"], job.method.options["alpha"]) == (8, 16)
    assert job.training.learning_rate == 2e-4
    assert job.training.warmup == 0.1
    assert job.training.optimizer.options["beta1"] == 0.9
    assert job.evaluation.every == Interval(200, "steps")
    assert job.seed == 7


def test_three_keys_are_enough():
    job = parse(SMALL).job
    assert job.data.validation == 0.1
    assert job.training.loss.name == job.training.optimizer.name == "auto"
    assert job.training.learning_rate == 0
    assert job.method.name == "full"
    assert job.evaluation.metric == CATALOG.tasks["text-classification"].member.default_metric
    assert job.folder == HERE


def test_none_is_allowed_where_it_has_a_meaning():
    job = parse(SMALL + "training: {clip_norm: none, max_steps: none, ema: }\nevaluation: {patience: ~}\n").job
    assert (job.training.clip_norm, job.training.max_steps, job.training.ema) == (None, None, None)
    assert parse(SMALL).job.training.clip_norm == 1.0


def test_places_tell_line_and_column_of_each_value():
    places = parse(DESIGN).places
    assert (places["data.imbalance"].line, places["data.imbalance"].column) == (8, 14)
    assert (places["method.lora.alpha"].line, places["method.lora.alpha"].column) == (9, 33)


GOLDEN = [
    (
        SMALL + "training:\n  learnig_rate: 1e-3\n",
        """\
error[job.unknown-key]: reviews.job.yaml:5:3: training.learnig_rate: there is no such key
  found: learnig_rate
  allowed: activation_checkpointing, batch_size, clip_norm, compile, ema, epochs, learning_rate, loss, max_steps, \
micro_batch_size, non_finite_limit, optimizer, precision, schedule, warmup, why
  hint: rename it to learning_rate""",
    ),
    (
        SMALL + "training:\n  epochs: many\n  batch_size: 0\n  precision: bf61\n",
        """\
error[job.wrong-value]: reviews.job.yaml:5:11: training.epochs: this value is not allowed
  found: many
  allowed: a number above 0 (passes over the training rows)
error[job.wrong-value]: reviews.job.yaml:6:15: training.batch_size: this value is not allowed
  found: 0
  allowed: a whole number at least 1 (rows)
error[job.wrong-value]: reviews.job.yaml:7:14: training.precision: this value is not allowed
  found: bf61
  allowed: auto, fp32, bf16, fp16
  hint: rename it to bf16""",
    ),
    (
        "task: text-classification\ndata:\n  train: a.csv\n  train: b.csv\n",
        """\
error[job.missing-key]: reviews.job.yaml:1:1: model: this key is missing
  allowed: a name, or one name with its options: {name: {option: value}}
  hint: The weights to begin with: a hub id, a folder, a bundled name, `package.module:callable`, or `scratch`.
error[job.duplicate-key]: reviews.job.yaml:4:3: data.train: this key stands in line 3 already
  found: train
  hint: keep one of the two""",
    ),
    (
        SMALL + "training: {loss: [1,\n",
        """\
error[job.yaml-syntax]: reviews.job.yaml:5:1: this is not valid YAML: while parsing a flow node: \
expected the node content, but found '<stream end>'
  hint: look at this line and the one before it for a missing bracket, quote, space after a colon, or indentation""",
    ),
    (
        SMALL + "training:\n\tepochs: 3\n",
        """\
error[job.yaml-syntax]: reviews.job.yaml:5:1: this is not valid YAML: while scanning for the next token: \
found character '\\t' that cannot start any token
  hint: indent with spaces; YAML allows no tabs there""",
    ),
    (
        "task: regression\nmodel: all-MiniLM-L6-v2\ndata:\n  train: a.csv\n  imbalance: focal\n",
        """\
error[job.imbalance-does-not-fit]: reviews.job.yaml:5:14: data.imbalance: \
the task regression has no labels that could be balanced
  found: focal
  allowed: none
  hint: remove the key""",
    ),
    (
        SMALL.replace("{train: a.csv}", "{train: a.csv, validation: none}") + "evaluation: {patience: 2}\n",
        """\
error[job.patience-without-validation]: reviews.job.yaml:4:24: evaluation.patience: \
stopping early needs validation rows to judge by
  found: 2
  hint: give data.validation a share such as 10%, or remove patience""",
    ),
]


@pytest.mark.parametrize(("text", "told"), GOLDEN)
def test_what_is_told_of_broken_jobs(text, told):
    assert "\n".join(errors(text)) == told


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("training: {loss: mean-squared-error}", "job.loss-does-not-fit"),
        ("training: {loss: cross-entropi}", "job.unknown-member"),
        ("training: {batch_size: 8, micro_batch_size: 16}", "job.micro-batch-too-large"),
        ("training: {precision: fp16}\ndevice: cpu", "job.precision-does-not-fit"),
        ("training: {warmup: 5%, schedule: {linear: {warmup: 10%}}}", "job.conflict"),
        ("training: {schedule: {linear: {warmup: 100%}}}", "job.wrong-value"),
        ("training: {schedule: {linear: , cosine: }}", "job.wrong-value"),
        ("training: {optimizer: {adamw: {beta: 0.9}}}", "job.unknown-key"),
        ("training: 3", "job.wrong-value"),
        ("evaluation: {metric: f1_makro}", "job.unknown-metric"),
        ("method: lore", "job.unknown-member"),
        ("device: tpu", "job.wrong-value"),
        ("training: {batch_size: none}", "job.wrong-value"),
        ("seed: !!python/object:os.system 3", "job.yaml-syntax"),
        ("seed: *nowhere", "job.yaml-syntax"),
        ("3: 4", "job.unknown-key"),
        ("[a]: 4", "job.yaml-syntax"),
    ],
)
def test_one_mistake_gives_one_error(more, code):
    assert codes(SMALL + more + "\n") == [code]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("{train: a.csv, validation: 60%, test: 0.5}", "job.shares-too-large"),
        ("{train: a.csv, validation: 100%}", "job.wrong-value"),
        ("{train: a.csv, label: 3}", "job.wrong-value"),
        ("{train: a.csv, imbalance: focus}", "job.wrong-value"),
        ("{validation: 10%}", "job.missing-key"),
        ("a.csv", "job.wrong-value"),
    ],
)
def test_one_mistake_under_data(data, code):
    assert codes(SMALL.replace("{train: a.csv}", data))[0] == code


def test_combinations_are_judged_even_beside_other_errors():
    text = "task: regression\ndata: {train: a.csv, imbalance: focal}\nsedd: 3\n"
    assert sorted(codes(text)) == ["job.imbalance-does-not-fit", "job.missing-key", "job.unknown-key"]


def test_focal_imbalance_leaves_no_room_for_another_loss():
    text = SMALL.replace("a.csv", "a.csv, imbalance: focal") + "training: {loss: hinge}\n"
    assert "job.conflict" in codes(text)
    assert parse(SMALL.replace("a.csv", "a.csv, imbalance: focal")).job.data.imbalance == "focal"


def test_an_alias_becomes_the_name_of_its_member():
    job = parse("task: regression\nmodel: all-MiniLM-L6-v2\ndata: {train: a.csv}\ntraining: {loss: mse}\n").job
    assert job.training.loss.name == "mean-squared-error"


def test_callables_of_the_project_take_any_options():
    text = SMALL + "training:\n  loss: {my.losses:tilted: {tau: 0.3}}\n  optimizer: my.optim:Fast\n"
    training = parse(text).job.training
    assert (training.loss.name, training.loss.options) == ("my.losses:tilted", {"tau": 0.3})
    assert (training.optimizer.name, training.optimizer.options) == ("my.optim:Fast", {})


@pytest.mark.parametrize("model", ["{name: my.nets:Perceptron, hidden: 64}", "{my.nets:Perceptron: {hidden: 64}}"])
def test_a_module_of_the_project_is_a_model(model):
    text = f"task: image-classification\nmodel: {model}\ndata: {{train: digits}}\nmethod: lora\n"
    job = parse(text).job
    assert job.model.name == "python"
    assert job.model.options["name"] == "my.nets:Perceptron"
    assert job.model.options["hidden"] == 64


def test_scratch_needs_no_name_and_checks_its_options():
    text = "task: causal-lm\nmodel: {scratch: {layers: 6, width: 384}}\ndata: {train: a.jsonl}\n"
    job = parse(text).job
    assert (job.model.name, job.model.options["name"]) == ("scratch", "scratch")
    assert (job.model.options["layers"], job.model.options["width"]) == (6, 384)
    assert codes(text.replace("layers", "layer")) == ["job.unknown-key"]


def test_freezing_untrained_weights_is_warned_of():
    text = "task: causal-lm\nmodel: scratch\nmethod: lora\ndata: {train: a.jsonl, validation: none}\n"
    assert [problem.code for problem in parse(text).warnings] == ["job.frozen-untrained-weights", "job.no-validation"]


def test_overrides_are_yaml_and_replace_keys():
    job = parse(
        DESIGN,
        "training.epochs=1",
        "method.lora.rank=4",
        "evaluation.every=1 epoch",
        "data.validation=",
        "evaluation.patience=none",
        "training.optimizer.sgd.weight_decay=0.1",
        "model.name=my/other",
        "training.loss={cross-entropy: {label_smoothing: 0.1}}",
    )
    assert job.job.training.epochs == 1
    assert (job.job.method.options["rank"], job.job.method.options["alpha"]) == (4, 16)
    assert job.job.evaluation.every == Interval(1, "epochs")
    assert job.job.data.validation is None
    assert job.job.training.optimizer.name == "sgd"
    assert job.job.model.options["name"] == "my/other"
    assert job.job.training.loss.options["label_smoothing"] == 0.1


@pytest.mark.parametrize(
    ("override", "first_line"),
    [
        ("training.epochs=two", "error[job.wrong-value]: --set training.epochs=two: this value is not allowed"),
        ("training.epoch=2", "error[job.unknown-key]: --set training.epoch=2: there is no such key"),
        ("seed", "error[job.bad-override]: --set seed: an override is a dotted key, an equals sign and a value"),
        ("seed=[1", "error[job.yaml-syntax]: --set seed=[1: this is not valid YAML: "),
    ],
)
def test_errors_name_the_override(override, first_line):
    [error] = errors(SMALL, override)
    assert error.startswith(first_line)


def test_nested_aliases_cannot_blow_up():
    bomb = "a: &a [1, 2, 3, 4, 5, 6, 7, 8]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 8)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "job.yaml-syntax" in codes(SMALL + bomb)
    assert "job.yaml-syntax" in codes(SMALL + "[" * 3000)


def test_two_escapes_make_one_character_and_one_alone_is_reported():
    assert parse(SMALL.replace("a.csv", r'"\ud83d\ude42.csv"')).job.data.train == "🙂.csv"
    assert codes(SMALL.replace("a.csv", r'"\ud83d.csv"')) == ["job.yaml-syntax"]


def test_a_missing_file_offers_the_nearest(tmp_path):
    (tmp_path / "reviews.job.yaml").write_text(SMALL)
    with pytest.raises(InvalidJob) as caught:
        load_job(tmp_path / "review.job.yaml", CATALOG)
    assert caught.value.code == "job.missing-file"
    assert "reviews.job.yaml" in caught.value.problem.hint


def test_a_file_that_is_not_text_is_reported(tmp_path):
    path = tmp_path / "a.job.yaml"
    path.write_bytes(b"task: \xff\xfe")
    with pytest.raises(InvalidJob) as caught:
        load_job(path, CATALOG)
    assert caught.value.code == "job.unreadable-file"


def test_relative_paths_start_from_the_job_or_the_key_folder(tmp_path):
    path = tmp_path / "a.job.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    job = load_job(path, CATALOG).job
    assert job.resolve("a.csv") == tmp_path / "a.csv"
    path.write_text(SMALL + "folder: sub\n")
    assert load_job(path, CATALOG).job.folder == tmp_path / "sub"
    assert load_job(path, CATALOG, overrides=[f"folder={tmp_path}"]).job.folder == tmp_path


def test_a_name_that_only_looks_like_a_home_is_a_file_of_the_project():
    job = parse_job("task: regression\nmodel: scratch\ndata: {train: ~.csv}", FILE, Path("/project"), CATALOG).job
    assert job.resolve(job.data.train) == Path("/project/~.csv")


def test_a_nul_character_is_refused_with_its_place():
    [said] = [text for text in errors('task: regression\nmodel: scratch\ndata: {train: "a\\0.csv"}') if "NUL" in text]
    assert said.startswith("error[job.yaml-syntax]: reviews.job.yaml:3:15: data.train")


def test_merge_keys_take_over_what_is_not_written_beside_them():
    text = SMALL + "method: {lora: &small {rank: 4, alpha: 8}}\ntraining:\n  optimizer: {adamw: {<<: {beta1: 0.8}}}\n"
    assert parse(text).job.training.optimizer.options["beta1"] == 0.8
    again = SMALL + "method:\n  lora:\n    <<: [{rank: 4}, {rank: 2, alpha: 3}]\n    alpha: 9\n"
    options = parse(again).job.method.options
    assert (options["rank"], options["alpha"]) == (4, 9)
    assert "`<<` takes over" in errors(SMALL + "method: {lora: {<<: 3}}\n")[0]


def test_keys_of_other_tools_and_keys_at_the_wrong_place_are_told_the_right_one():
    assert "hint: rename it to learning_rate" in errors(SMALL + "training: {lr: 0.1}\n")[0]
    assert "hint: write it under training: as epochs" in errors(SMALL + "epochs: 3\n")[0]
    assert "hint: write it under training: as epochs" in errors(SMALL + "training.epochs: 3\n")[0]
    assert "hint: write it at the top of the job as seed" in errors(SMALL + "training: {random_state: 3}\n")[0]


def test_every_key_of_another_tool_names_a_key_of_ours():
    from tunesmith.job.schema import KEYS_OF_OTHER_TOOLS, SECTIONS

    for key in KEYS_OF_OTHER_TOOLS.values():
        section, _, name = key.rpartition(".")
        assert name in SECTIONS[section]
