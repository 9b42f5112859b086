"""Completion in job files: `|` is the cursor."""

import pytest

from editor_marks import CATALOG, accepted, completion, offered

BASE = "task: text-classification\nmodel: all-MiniLM-L6-v2\n"


def test_an_empty_file_begins_with_what_is_required():
    assert offered("|")[:3] == ["task", "model", "data"]


@pytest.mark.parametrize(
    "text",
    [
        "training: {opti|}",
        "training: {opti|",
        "training: {epochs: 3, opti|}",
        "training: {epochs: 3, |\nmethod: full",
        "training:\n  opti|",
        "training:\n  epochs: 3\n  opti|\n  seed: 3",
        "training:\n    epochs: 3\n  opti|\n",
        "training:\n\topti|",
        "training:\n  # a comment\n\n  |\n",
        '{"task": "regression", "training": {"opti|"}}',
        '{"training": {\n  "epochs": 3,\n  "|',
        "training:\n  loss: {focal: {gamma: 2\n  |",
        "method: {lora: {rank: 8\ntraining:\n  |",
        "model: 'half a quote\ntraining:\n  |",
    ],
)
def test_keys_of_a_section_are_offered_however_broken_the_text_is(text):
    found = offered(text)
    assert "optimizer" in found and "batch_size" in found
    assert "task" not in found


def test_keys_that_stand_there_already_are_not_offered_again():
    assert "epochs" not in offered("training: {epochs: 3, |}")
    assert "task" not in offered("task: regression\n|\ntraining: {}")
    assert "epochs" in offered("training: {epo|chs: 3}")
    assert "epochs" not in offered("training: {seed: 1,| epochs: 3}")
    assert accepted("training: {| epochs: 3}", "loss") == "training: {loss:  epochs: 3}"


@pytest.mark.parametrize(
    "text", ["# a |comment", "task: x # |", "seed: |2\n", "data: {train: a}|", "x: >\n  te|xt", "why: [a, |]"]
)
def test_nothing_is_offered_where_nothing_can_stand(text):
    assert [label for label in offered(text) if label not in ("42",)] == []


def test_only_losses_that_fit_the_task_are_offered():
    classes = offered(BASE + "training:\n  loss: |")
    assert {"auto", "focal", "cross-entropy"} <= set(classes) and "huber" not in classes
    numbers = offered("task: regression\ntraining: {loss: |}")
    assert {"auto", "huber"} <= set(numbers) and "cross-entropy" not in numbers
    assert {"huber", "cross-entropy"} <= set(offered("training: {loss: |}"))


def test_metrics_are_those_of_the_task():
    assert offered(BASE + "evaluation: {metric: |}")[:2] == ["auto", "accuracy"]
    assert "perplexity" in offered("task: causal-lm\nevaluation:\n  metric: |")


def test_a_model_without_knowledge_is_tuned_in_full_only():
    assert offered("task: text-classification\nmodel: scratch\nmethod: |")[0] == "full"
    assert "lora" not in offered("task: text-classification\nmodel: {scratch: {layers: 2}}\nmethod: |")
    assert "lora" in offered(BASE + "method: |")


def test_models_are_those_that_the_task_can_use():
    assert "all-MiniLM-L6-v2" in offered("task: text-classification\nmodel: |")
    assert "{bundled: …}" not in offered("task: causal-lm\nmodel: |")
    assert {"scratch", "{transformers: …}", "{python: …}"} <= set(offered("task: causal-lm\nmodel: |"))


@pytest.mark.parametrize(
    "text",
    [
        "method: {lora: {|}}",
        "method: {lora: {rank: 8, a|",
        "method:\n  lora:\n    |",
        "method:\n  lora:\n    rank: 8\n    al|\n",
    ],
)
def test_options_are_those_of_the_chosen_member(text):
    assert "alpha" in offered(text) and "epochs" not in offered(text)


def test_options_of_a_model_stand_beside_its_name_or_below_its_source():
    assert "window" in offered("model: {name: 'shop.heads:build', |}")
    assert "layers" in offered("model: {scratch: {|}}")
    assert "revision" in offered("model:\n  name: some/model\n  |")
    assert "name" in offered("model: {python: {|}}")


def test_a_schedule_takes_warmup_too():
    assert "warmup" in offered("training: {schedule: {linear: {|}}}")
    assert offered("training: {schedule: {linear: {warmup: |}}}") == ["0.06"]


def test_columns_and_options_of_the_task_stand_under_data():
    found = offered("task: text-classification\ndata:\n  |")
    assert {"train", "text", "label", "max_length", "imbalance"} <= set(found)
    assert "prompt" in offered("task: causal-lm\ndata:\n  |")
    assert "text" not in offered("data:\n  |")


@pytest.mark.parametrize("text", ["data:\n  label: |", "data: {label: ca|}", "data: {text: [a, |]}"])
def test_columns_are_wanted_from_the_data(text):
    found = completion("task: text-classification\n" + text)
    assert [lookup.kind for lookup in found.lookups] == ["columns"]


@pytest.mark.parametrize("way", ["group: {column: |}", "group: {column: [site, |]}", "time: {column: |}"])
def test_columns_that_rows_are_divided_by_are_wanted_from_the_data(way):
    found = completion(f"task: text-classification\ndata: {{train: d.csv, split: {{{way}}}}}")
    assert [lookup.kind for lookup in found.lookups] == ["columns"]


def test_only_ways_of_dividing_rows_that_fit_the_task_are_offered():
    assert {"auto", "random", "stratified", "{group: …}"} <= set(
        offered("task: text-classification\ndata:\n  split: |")
    )
    assert "stratified" not in offered("task: regression\ndata:\n  split: |")
    assert offered("data: {split: {time: {|}}}") == ["column", "gap"]


def test_paths_and_python_are_wanted_where_they_may_stand():
    def lookups(text):
        return {lookup.kind for lookup in completion(text).lookups}

    assert lookups("data:\n  train: |") == {"paths", "python"}
    assert lookups("data: {validation: |}") == {"paths"}
    assert lookups("model: sh|") == {"paths", "python"}
    assert lookups("training: {optimizer: shop.|}") == {"python"}
    assert lookups("method: |") == set()


def test_arguments_of_the_chosen_callable_are_wanted():
    for text in (
        "training:\n  loss:\n    shop.losses:own:\n      |",
        "training: {loss: {'shop.losses:own': {|}}}",
        "model: {name: 'shop.losses:own', |}",
        "model: {python: {name: 'shop.losses:own', arguments: {|}}}",
        "model:\n  shop.losses:own:\n    width: 3\n    |",
    ):
        [lookup] = [lookup for lookup in completion(text).lookups if lookup.kind == "arguments"]
        assert lookup.prefix == "shop.losses:own", text


@pytest.mark.parametrize(
    ("before", "label", "after"),
    [
        ("ta|", "task", "task: "),
        ("task:|", "regression", "task: regression"),
        ("task: reg|", "regression", "task: regression"),
        ("task: 'reg|'", "regression", "task: 'regression'"),
        ('{"task": "reg|"}', "regression", '{"task": "regression"}'),
        ("epo|", "seed", "seed: "),
        ("training: {epo|chs: 3}", "batch_size", "training: {batch_size: 3}"),
        ("tr|", "training", "training:\n  "),
        ("tr|", "seed", "seed: "),
        ("training: {sch|}", "schedule", "training: {schedule: }"),
        ("method: |", "{lora: …}", "method: {lora: {rank: 8, alpha: 16}}"),
        ("method:\n  lo|", "lora", "method:\n  lora:\n  "),
        ("training: {loss: {fo|", "focal", "training: {loss: {focal: {}"),
        ("training: {every: 1, compile: t|", "true", "training: {every: 1, compile: true"),
        ("evaluation:\n  every: 1 ep|", "1 epochs", "evaluation:\n  every: 1 epochs"),
    ],
)
def test_what_is_chosen_replaces_what_was_begun(before, label, after):
    assert accepted(before, label) == after


def test_clients_without_snippets_get_plain_text():
    found = completion("method: |", snippets=False)
    assert not any(item.snippet or "$" in item.text for item in found.items)
    assert accepted("tr|", "training", snippets=False) == "training: "


def test_everything_offered_is_explained():
    for text in ("|", "training: {|}", "method: |", "training: {loss: |}", BASE + "data: {|}", "task: |"):
        for item in completion(text).items:
            assert item.words, (text, item.label)


def test_a_member_names_its_formula_and_source():
    [lora] = [item for item in completion("method: lor|").items if item.label == "lora"]
    member = CATALOG.methods["lora"].member
    assert member.formula in lora.words and member.source in lora.words and member.when in lora.words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("task:| text-classification\nmodel: x\n", "task: regression\nmodel: x\n"),
        ("task:| text-classification # mine\n", "task: regression # mine\n"),
        ("task:|\nmodel: x\n", "task: regression\nmodel: x\n"),
    ],
)
def test_a_value_chosen_right_behind_the_colon_takes_the_place_of_the_old_one(before, after):
    assert accepted(before, "regression") == after


@pytest.mark.parametrize(
    "text",
    [
        "task:|text-classification\n",
        "method:| {lora: {rank: 8}}\n",
        "method:|\n  lora: {rank: 8}\n",
        "method: |\n  lora: {rank: 8}\n",
        "data: {text:| 'a b'}\n",
    ],
)
def test_nothing_is_offered_that_would_take_a_value_away(text):
    assert completion(text) is None


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("100 |", ["100 steps", "100 epochs", "100 minutes"]),
        ("100|", ["100 steps", "100 epochs", "100 minutes"]),
        ("0.5 |", ["0.5 epochs", "0.5 minutes"]),
        ("3 mi|", ["3 minutes"]),
    ],
)
def test_a_number_that_is_typed_is_offered_with_each_unit(typed, units):
    assert offered(f"evaluation:\n  every: {typed}") == units
