"""What `check` says of sources and targets as people have them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from seq2seq_folders import save_folder
from support import tunesmith
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.errors import Problem
from tunesmith.templates.choose import fitting_task


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for kind in ("t5", "nllb"):
        save_folder(folder / kind, kind)
    return folder


def problems(
    folder: Path,
    rows: list[tuple[str, str]],
    *,
    model: str = "scratch",
    data: str = "",
    more: str = "",
    validation: str = "none",
) -> dict[str, Problem]:
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "target"])
        writer.writerows(rows)
    job = folder / "a.job.yaml"
    text = (
        f"task: seq2seq\nmodel: {json.dumps(model)}\ndata: {{train: pairs.csv, {data}validation: {validation}}}\n{more}"
    )
    job.write_text(text, encoding="utf-8")
    found = {problem.code: problem for problem in check(job)["problems"]}
    return {code: problem for code, problem in found.items() if code != "job.no-validation"}


GOOD = [(f"the quick fox number {n}", f"the lazy dog number {n}") for n in range(111, 160) if n % 10][:30]


def test_empty_texts_are_reported_with_their_line(tmp_path: Path) -> None:
    found = problems(tmp_path, [*GOOD, ("a source", " ")])["data.empty-value"]
    assert (found.place.line, "target" in found.message) == (32, True)
    found = problems(tmp_path, [("", "a target"), *GOOD])["data.empty-value"]
    assert (found.place.line, "source" in found.message) == (2, True)
    assert problems(tmp_path, [*GOOD, ("a source", "")], data="bad_rows: skip, ").keys() <= {"data.skipped-rows"}


def test_targets_that_are_their_sources_are_reported(tmp_path: Path) -> None:
    found = problems(tmp_path, [(f"same {n}", f"same {n}") for n in range(20)] + GOOD[:10])
    assert found["data.target-is-source"].message.startswith("20 of 30")
    assert "data.target-is-source" not in problems(tmp_path, [*GOOD, ("same", "same")])


def test_a_model_of_many_languages_must_be_given_its_languages(models: Path, tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD, model=str(models / "nllb"))["data.unknown-language"]
    assert "deu_Latn" in found.allowed
    assert found.severity == "error"
    languages = "source_language: eng_Latn, target_language: deu_Lat, "
    found = problems(tmp_path, GOOD, model=str(models / "nllb"), data=languages)["data.unknown-language"]
    assert found.place.key == "data.target_language"
    assert "deu_Latn" in found.hint
    good = problems(tmp_path, GOOD, model=str(models / "nllb"), data=languages.replace("deu_Lat,", "deu_Latn,"))
    assert "data.unknown-language" not in good


def test_languages_of_a_model_that_names_none_are_refused(models: Path, tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD, model=str(models / "t5"), data="source_language: eng_Latn, ")
    assert "prefix" in found["data.no-languages"].hint


def test_targets_that_the_tokenizer_cannot_write_are_reported_with_the_place(models: Path, tmp_path: Path) -> None:
    rows = [*GOOD[:20], *[(f"the fox {n}", f"the fox\n{n} says ♞♜") for n in range(1, 6)]]
    found = problems(tmp_path, rows, model=str(models / "t5"))["data.target-not-writable"]
    assert found.message.startswith("5 of 25")
    assert found.place.line == 22
    assert "becomes" in found.found
    assert "data.target-not-writable" not in problems(tmp_path, rows)  # a tokenizer made from them writes everything


def test_texts_that_are_cut_are_reported_for_each_side(models: Path, tmp_path: Path) -> None:
    rows = [*GOOD, ("fox " * 40, "a dog"), ("a fox", "dog " * 40)]
    found = problems(tmp_path, rows, model=str(models / "t5"), data="max_length: 20, ")["data.text-too-long"]
    assert "max_length" in found.hint
    found = problems(tmp_path, rows, model=str(models / "t5"), data="max_target_length: 20, ")["data.text-too-long"]
    assert "max_target_length" in found.hint


def test_a_metric_of_texts_needs_texts_at_evaluations(tmp_path: Path) -> None:
    more = "evaluation: {metric: chrf}\n"
    assert "job.metric-not-measured" in problems(tmp_path, GOOD, data="answered_rows: 0, ", more=more, validation="20%")
    assert "job.metric-not-measured" not in problems(
        tmp_path, GOOD, data="answered_rows: 9, ", more=more, validation="20%"
    )


def test_a_metric_whose_package_is_missing_is_reported_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tunesmith.scores import texts

    monkeypatch.setattr(texts, "has_sacrebleu", lambda: False)
    found = problems(tmp_path, GOOD, more="evaluation: {metric: bleu}\n", validation="20%")["env.missing-extra"]
    assert "tunesmith[text]" in found.hint
    assert "env.missing-extra" not in problems(tmp_path, GOOD)


def test_a_folder_whose_tokenizer_is_sentencepiece_alone_is_one_clear_error(models: Path, tmp_path: Path) -> None:
    """As Marian's folders come: two SentencePiece models and a vocabulary, which only Python code reads."""
    folder = tmp_path / "marian"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_bytes((models / "t5" / name).read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "marian"}))
    (folder / "source.spm").write_bytes(b"\x0a")
    (folder / "target.spm").write_bytes(b"\x0a")
    (folder / "vocab.json").write_text('{"</s>": 0, "<unk>": 1, "<pad>": 2}')
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "MarianTokenizer"}')
    found = problems(tmp_path, GOOD, model=str(folder))
    assert list(found) == ["model.broken-tokenizer"]
    assert "tokenizer.json" in found["model.broken-tokenizer"].hint


@pytest.mark.parametrize(
    ("columns", "fits"),
    [
        ({"source": "text", "target": "text"}, "seq2seq"),
        ({"article": "text", "highlights": "text", "id": "text"}, "seq2seq"),
        ({"en": "text", "de": "text"}, "seq2seq"),
        ({"prompt": "text", "response": "text"}, "causal-lm"),
        ({"text": "text", "label": "text"}, "text-classification"),
        ({"sentence1": "text", "sentence2": "text", "score": "number"}, "embedding"),
        ({"sentence1": "text", "sentence2": "text", "label": "label"}, "text-classification"),
    ],
)
def test_the_task_that_fits_a_file_is_found_by_its_columns(columns: dict[str, str], fits: str) -> None:
    assert fitting_task(Catalog(), columns, "csv") == fits


def test_a_project_for_ones_own_pairs_is_made_and_good(tmp_path: Path) -> None:
    with (tmp_path / "news.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["article", "highlights"], *GOOD])
    done = tunesmith("new", "mine", "--task", "seq2seq", "--data", "news.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (job,) = (tmp_path / "mine").glob("*.job.yaml")
    assert "source: article" in job.read_text("utf-8")
    assert tunesmith("check", "--quick", str(job), cwd=tmp_path).returncode == 0
