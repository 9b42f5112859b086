"""Columns within the cells of another, as data sets of a hub have them: `translation` holds `en` and `de`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tunesmith.catalog import Catalog
from tunesmith.data import nested
from tunesmith.data.dataset import DataSet
from tunesmith.data.load import load_data
from tunesmith.errors import InvalidJob
from tunesmith.job.load import read_job

TABLE = [{"id": n, "translation": {"en": f"word {n}", "de": f"Wort {n}", "by": {"name": "ü"}}} for n in range(20)]
PAIRS = pd.json_normalize(TABLE)


def read(folder: Path, train: str, more: str = "source: translation.en, target: translation.de") -> DataSet:
    file = folder / "a.job.yaml"
    file.write_text(f"task: seq2seq\nmodel: scratch\ndata: {{train: {json.dumps(train)}, validation: none, {more}}}\n")
    catalog = Catalog()
    job = read_job(file.read_text(), file, folder, catalog).job
    assert job is not None
    return load_data(job, catalog, fingerprinted=False)


def write(folder: Path, kind: str, table: list[dict[str, Any]] = TABLE) -> str:
    path = folder / f"rows.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table))
    elif kind == "parquet":
        pd.DataFrame(table).to_parquet(path)
    elif kind == "feather":
        pd.DataFrame(table).to_feather(path)
    else:
        (folder / "hub.py").write_text(
            f"import datasets\ndef rows():\n    return datasets.Dataset.from_list({table!r})\n"
        )
        return "hub:rows"
    return path.name


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "feather", "datasets"])
def test_a_key_of_each_cell_is_a_column_as_json_normalize_names_it(tmp_path: Path, kind: str, monkeypatch) -> None:
    if kind == "datasets":
        pytest.importorskip("datasets")
        monkeypatch.syspath_prepend(str(tmp_path))
    data = read(tmp_path, write(tmp_path, kind))
    assert list(data.train.columns["source"]) == PAIRS["translation.en"].tolist()
    assert list(data.train.columns["target"]) == PAIRS["translation.de"].tolist()
    assert data.columns == {"source": ("translation.en",), "target": ("translation.de",)}
    assert [note.found for note in data.notes if note.code == "data.unread-columns"] == ["id"]


def test_keys_may_lie_deeper(tmp_path: Path) -> None:
    data = read(tmp_path, write(tmp_path, "jsonl"), "source: translation.by.name, target: translation.de")
    assert list(data.train.columns["source"]) == PAIRS["translation.by.name"].tolist()


def test_a_column_whose_own_name_has_the_dot_comes_first(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a.b,a\n" + "".join(f"text {n},other {n}\n" for n in range(9)))
    data = read(tmp_path, "rows.csv", "source: a.b, target: a")
    assert list(data.train.columns["source"]) == [f"text {n}" for n in range(9)]


def test_a_row_whose_cell_lacks_the_key_is_reported_with_its_line(tmp_path: Path) -> None:
    table = [*TABLE[:3], {"translation": {"en": "alone"}}, {"translation": None}]
    with pytest.raises(InvalidJob) as caught:
        read(tmp_path, write(tmp_path, "jsonl", table))
    assert [(each.code, each.place.line) for each in caught.value.problems] == [
        ("data.empty-value", 4),
        ("data.empty-value", 5),
    ]


def test_a_key_that_no_row_has_is_reported_with_those_there_are(tmp_path: Path, monkeypatch) -> None:
    name = write(tmp_path, "jsonl")
    for looked_at in (nested.LOOKED_AT, 5):
        monkeypatch.setattr(nested, "LOOKED_AT", looked_at)
        with pytest.raises(InvalidJob) as caught:
            read(tmp_path, name, "source: translation.em, target: translation.de")
        (problem,) = caught.value.problems
        assert (problem.code, problem.found) == ("data.missing-column", "translation.em")
        assert problem.allowed == ("translation.en", "translation.de", "translation.by")
        assert problem.hint == "did you mean translation.en?"
    with pytest.raises(InvalidJob) as caught:
        read(tmp_path, name, "source: id.en, target: translation.de")
    assert "they are no mappings" in caught.value.problems[0].message


def test_a_mapping_where_a_text_belongs_names_its_keys(tmp_path: Path) -> None:
    with pytest.raises(InvalidJob) as caught:
        read(tmp_path, write(tmp_path, "jsonl"), "source: translation, target: translation.de")
    message = caught.value.problems[0].message
    assert "is a mapping, not a text; name one of its keys, such as translation.en" in message
