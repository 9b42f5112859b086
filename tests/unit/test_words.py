"""`tunesmith explain`: every word that a user meets is found, in both languages, and says what the project says."""

import json
import re
from pathlib import Path

import pytest

from support import tunesmith
from tunesmith import pages
from tunesmith.catalog import Catalog
from tunesmith.cli import main
from tunesmith.errors import TunesmithError
from tunesmith.job import schema
from tunesmith.words import LANGUAGES, entry_of_key, glossary, index, meanings

ROOT = Path(__file__).parents[2]
CATALOG = Catalog()
KNOWN = index(CATALOG)
FOLDERS = ("tasks", "models", "methods", "losses", "optimizers", "schedules", "splits", "readers")
MEMBERS = [entry.member for folder in FOLDERS for entry in getattr(CATALOG, folder).values()]
TASKS = [entry.member for entry in CATALOG.tasks.values()]


def met():
    """All names that a job, a message or a figure can use."""
    yield from (name for member in MEMBERS for name in (member.name, *member.aliases))
    yield from (key for member in MEMBERS for key in member.options)
    yield from (f"{section}.{key}".lstrip(".") for section, options in schema.SECTIONS.items() for key in options)
    yield from (f"data.{role}" for task in TASKS for role in schema.column_options(task))
    yield from (metric.name for task in TASKS for metric in task.metrics)
    yield from (entry.member.code for entry in CATALOG.inspections.values())
    yield from pages.sections("errors.md")


def test_every_name_that_a_job_a_figure_or_a_message_uses_is_explained():
    for name in met():
        assert all(len(meaning.text) > 10 for meaning in meanings(name, KNOWN)), name


FIELD = """
accuracy, activation, adapter, alpha, attention, baseline, batch, batch size, beam search, bf16, bleu, calibration,
chat template, checkpoint, chrf, class imbalance, confusion matrix, cross-entropy, data leak, dropout, duplicates,
early stopping, ece, ema, embedding, epoch, exact match, f1, fine-tuning, fp16, freeze, generation, gradient,
gradient accumulation, gradient checkpointing, gradient clipping, gradient norm, hard negative, head, hub, inference,
interval, label smoothing, learning rate, logits, lora, loss, lr, macro f1, majority class, metric, micro-batch,
mixed precision, momentum, nan, nats, onnx, oom, optimizer, overfitting, oversampling, packing, padding, parameter,
patience, peft, perplexity, pr_auc, precision, pretrained model, prompt, r2, rank, recall, regression, resume, rmse,
roc_auc, rouge_l, run, safetensors, sampling, samples per second, scratch, seed, softmax, sigmoid, split, step, stride,
temperature, test set, token, tokenizer, top_p, transformer, truncation, trust, underfitting, unknown token,
validation set, vocabulary, warm-up, weight decay, weighted loss, window,
准确率, 学习率, 过拟合, 损失, 显存不足, 微调, 词元
"""


@pytest.mark.parametrize("word", re.split(r",\s+", FIELD.strip()))
def test_the_words_of_the_field_are_explained(word):
    assert meanings(word, KNOWN)


ENGLISH, CHINESE = (glossary(language) for language in LANGUAGES)
SCHEMA = {f"{section}.{key}".lstrip(".") for section, options in schema.SECTIONS.items() for key in options}
KEYS = SCHEMA | {
    *(f"data.{role}" for task in TASKS for role in (*task.columns, *task.options)),
    *(f"{member.name}.{key}" for member in MEMBERS for key in member.options),
}


def test_both_glossaries_have_the_same_words_in_the_same_order_each_name_once():
    assert [here.heading for here in ENGLISH] == [there.names[0] for there in CHINESE]
    assert len(ENGLISH) > 80
    assert [entry.heading for entry in ENGLISH] == sorted((entry.heading for entry in ENGLISH), key=str.casefold)
    for entries in (ENGLISH, CHINESE):
        folded = [name.casefold() for entry in entries for name in {*entry.names}]
        assert sorted(folded) == sorted({*folded})


def test_both_glossaries_name_the_same_keys_and_commands():
    for here, there in zip(ENGLISH, CHINESE, strict=True):
        assert here.keys == there.keys
        assert sorted(re.findall(r"`[^`]+`", here.text)) == sorted(re.findall(r"`[^`]+`", there.text)), here
        assert re.search(r"[\u4e00-\u9fff]", there.text), here


def test_keys_that_the_glossary_names_are_there_and_each_has_one_entry():
    named = [key for entry in ENGLISH for key in entry.keys]
    assert sorted(named) == sorted({*named} & KEYS)
    for entry in ENGLISH:
        assert {*re.findall(r"`((?:data|training|evaluation|checkpoints)\.\w+)(?:: \w+)?`", entry.text)} <= KEYS


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        (("training", "learning_rate"), "learning rate"),
        (("training", "precision"), "precision of numbers"),
        (("method", "dora", "rank"), "rank"),
        (("training", "optimizer", "adam", "weight_decay"), "weight decay"),
        (("seed",), "seed"),
        (("data", "text"), None),
    ],
)
def test_a_key_leads_to_its_word(path, heading):
    entry = entry_of_key(path)
    assert (entry and entry.heading) == heading


def test_spelling_case_and_language_make_no_difference():
    expected = next(meaning for meaning in meanings("learning rate", KNOWN) if meaning.kind == "word")
    for spelling in ("Learning_Rate", "learning-rate", "LR", "学习率"):
        assert expected in meanings(spelling, KNOWN)
    [chinese] = meanings("lr", index(CATALOG, language="zh-CN"))
    assert chinese.name == "learning rate 学习率" and "太高" in chinese.text


def test_a_text_that_several_members_have_is_there_once_with_all_their_names():
    named = [meaning.name for meaning in meanings("rank", KNOWN)]
    assert named == ["rank", "dora.rank, lora.rank, rslora.rank"]


def test_an_unknown_word_is_answered_with_the_nearest(capsys):
    with pytest.raises(TunesmithError, match=r"words.unknown") as raised:
        meanings("overfiting", KNOWN)
    assert "tunesmith explain 'overfitting'" in raised.value.problems[0].hint
    assert main(["explain", "overfiting"]) == 2
    assert "words.unknown" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "options", "expected"),
    [
        ({"LANG": "en_US.UTF-8"}, [], "The loss a token"),
        ({"LANG": "zh_CN.UTF-8"}, [], "(词)"),
        ({"LANG": "en_US.UTF-8", "TUNESMITH_LANG": "zh-CN"}, [], "(词)"),
        ({"LANG": "zh_CN.UTF-8"}, ["--lang", "en"], "(word)"),
        ({"LANG": "zh_TW.UTF-8"}, [], "(word)"),
    ],
)
def test_the_terminal_says_in_which_language(monkeypatch, capsys, variables, options, expected):
    for name in ("TUNESMITH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    word = "bits_per_token" if expected.startswith("The loss") else "perplexity"
    assert main(["explain", word, *options]) == 0
    assert expected in capsys.readouterr().out


def test_the_program_prints_the_list_and_json(tmp_path):
    listed, as_json, word = (
        tunesmith("explain", *words, cwd=tmp_path).stdout
        for words in (("--lang", "en"), ("--lang", "en", "--json"), ("overfitting", "--lang", "zh-CN", "--json"))
    )
    assert listed.splitlines() == [entry.heading for entry in ENGLISH] == json.loads(as_json)
    [word] = json.loads(word)
    assert word["kind"] == "word" and word["name"] == "overfitting 过拟合"


def test_the_glossaries_travel_with_the_package():
    included = dict(re.findall(r'"(docs/\S+)" = "tunesmith/(\S+)"', (ROOT / "pyproject.toml").read_text("utf-8")))
    for language in LANGUAGES:
        page = f"{language}/glossary.md".lstrip("/")
        assert included[f"docs/{page}"] == page
        assert pages.file_of(page) is not None
