"""Where weights come from: folders, the bundled model, the user's code, nothing at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tunesmith.catalog import Catalog
from tunesmith.contracts.model import Head, ModelRequest
from tunesmith.errors import TunesmithError
from tunesmith.models.load import find_text_format, load_model, source_of
from tunesmith.tasks.parts.texts import text_head

LABELS = text_head(outputs=3, labels=("a", "b", "c"), problem="single_label_classification")
PICTURES = Head(auto="AutoModelForImageClassification", reads="image", outputs=2)
NEXT = Head(auto="AutoModelForCausalLM", reads="text", outputs=0, is_new=False, adapters="CAUSAL_LM")
TEXTS = [f"a small text, number {number}, about this and that" for number in range(50)]


def request(name: str, head: Head = LABELS, folder: Path = Path(), seed: int = 1, **more: Any) -> ModelRequest:
    return ModelRequest(name=name, options=more.pop("options", {}), head=head, folder=folder, seed=seed, **more)


def test_each_name_has_one_source(tiny_bert: Path) -> None:
    catalog = Catalog()
    claimed = {
        "nets.perceptron:Net": "python",
        "all-MiniLM-L6-v2": "bundled",
        "sentence-transformers/all-MiniLM-L6-v2": "bundled",
        "scratch": "scratch",
        str(tiny_bert): "transformers",
        "google/vit-base": "transformers",
        "no such model!": None,
    }
    assert {name: source_of(name, Path(), catalog) for name in claimed} == claimed


def test_the_bundled_model_loads_with_a_new_head() -> None:
    loaded = load_model("bundled", request("all-MiniLM-L6-v2"), Catalog())
    assert loaded.head_modules == ("classifier",)
    assert loaded.window == 512
    assert loaded.pretrained.config.id2label == {0: "a", 1: "b", 2: "c"}
    assert {p.dtype for p in loaded.module.parameters()} == {torch.float32}
    assert loaded.tokenizer is not None
    assert len(loaded.tokenizer.encode("three plain words").ids) == 5, "no padding, special tokens on"


def test_the_seed_alone_decides_the_new_head(tiny_bert: Path) -> None:
    heads = []
    for seed, disturbance in ((1, 0), (1, 99), (2, 0)):
        torch.manual_seed(disturbance)
        before = torch.get_rng_state()
        heads.append(
            load_model("transformers", request(str(tiny_bert), seed=seed), Catalog()).pretrained.classifier.weight
        )
        assert torch.equal(before, torch.get_rng_state()), "nobody else's random numbers are shifted"
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_a_saved_folder_gives_the_same_outputs_again(tiny_bert: Path, tmp_path: Path) -> None:
    loaded = load_model("transformers", request(str(tiny_bert)), Catalog())
    loaded.pretrained.save_pretrained(tmp_path / "mine")
    again = load_model("transformers", request("mine", folder=tmp_path), Catalog())
    tokens = torch.tensor([[2, 9, 8, 7, 3]])
    with torch.no_grad():
        assert torch.equal(loaded.module(input_ids=tokens).logits, again.module(input_ids=tokens).logits)
    assert again.head_modules == ("classifier",)


def test_what_cannot_be_loaded_is_explained(tiny_bert: Path, tmp_path: Path) -> None:
    cases = {"model.not-found": "someone/absent-model"}
    for code, content in {
        "model.unknown-architecture": {"model_type": "made-up"},
        "model.no-such-head": {"model_type": "whisper"},
        "model.damaged-weights": json.loads((tiny_bert / "config.json").read_text()),
    }.items():
        folder = tmp_path / code
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(content))
        cases[code] = str(folder)
    (Path(cases["model.damaged-weights"]) / "model.safetensors").write_bytes(b"\x00" * 64)
    for code, name in cases.items():
        head = LABELS if code != "model.no-such-head" else PICTURES
        with pytest.raises(TunesmithError) as caught:
            load_model("transformers", request(name, head), Catalog())
        assert caught.value.code == code


def test_a_folder_with_code_of_its_own_runs_none_of_it(tiny_bert: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "sly"
    shutil.copytree(tiny_bert, folder)
    settings = json.loads((folder / "config.json").read_text())
    settings["auto_map"] = {"AutoConfig": "sly.Config", "AutoModelForSequenceClassification": "sly.Model"}
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "sly.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    load_model("transformers", request(str(folder)), Catalog())
    assert not (tmp_path / "ran").exists()


def test_own_code_gets_the_number_of_outputs(tmp_path: Path) -> None:
    (tmp_path / "own_net.py").write_text(
        "from torch import nn\n"
        "def net(outputs, width=4):\n    return nn.Sequential(nn.Linear(2, width), nn.Linear(width, outputs))\n"
        "def wrong():\n    return 3\n"
        "def fails():\n    raise RuntimeError('no')\n"
    )
    head = Head(auto="", reads="numbers", outputs=5)
    loaded = load_model(
        "python", request("own_net:net", head, tmp_path, options={"arguments": {"width": 7}}), Catalog()
    )
    assert [tuple(p.shape) for p in loaded.module.parameters()] == [(7, 2), (7,), (5, 7), (5,)]
    again = load_model("own_net:net", request("", head, tmp_path, options={"width": 7}), Catalog())
    assert torch.equal(next(loaded.module.parameters()), next(again.module.parameters()))
    for name, code in {"own_net:wrong": "model.not-a-module", "own_net:fails": "model.callable-failed"}.items():
        with pytest.raises(TunesmithError) as caught:
            load_model("python", request(name, head, tmp_path), Catalog())
        assert caught.value.code == code
    with pytest.raises(TunesmithError, match="untrusted"):
        load_model("python", request("own_net:net", head, tmp_path, trusted=False), Catalog())


@pytest.mark.parametrize("head", [LABELS, NEXT])
def test_a_model_from_scratch_is_the_same_for_the_same_texts_and_seed(head: Head) -> None:
    options = {"layers": 1, "width": 16, "heads": 2, "vocabulary": 300, "window": 32}
    first, again = (
        load_model("scratch", request("scratch", head, options=options, texts=TEXTS), Catalog()) for _ in "ab"
    )
    assert first.tokenizer is not None
    assert again.tokenizer is not None
    kept = first.tokenizer.to_str()
    assert kept == again.tokenizer.to_str()
    third = load_model("scratch", request("scratch", head, options=options, tokenizer_json=kept), Catalog())
    assert third.tokenizer is not None
    assert third.tokenizer.encode("a text").ids == first.tokenizer.encode("a text").ids
    for one, other in zip(first.module.parameters(), third.module.parameters(), strict=True):
        assert torch.equal(one, other)
    assert first.tokenizer_folder is None
    assert first.window == 32
    with pytest.raises(TunesmithError, match="no-texts"):
        load_model("scratch", request("scratch", head, options=options), Catalog())


def test_a_tokenizer_is_found_without_loading_the_model(tiny_bert: Path) -> None:
    for source, name in (("transformers", str(tiny_bert)), ("bundled", "all-MiniLM-L6-v2")):
        found = find_text_format(source, name, Path(), {})
        assert found is not None
        assert found.tokenizer is not None
        assert found.tokenizer.encode("x").ids
    made = find_text_format("scratch", "scratch", Path(), {"window": 32})
    assert made is not None
    assert (made.tokenizer, made.window) == (None, 32)
    assert find_text_format("transformers", "someone/absent-model", Path(), {}) is None


def test_a_model_from_scratch_has_the_window_of_its_job_whatever_its_tokenizer_was_made_for(tiny_bert: Path) -> None:
    options = {"tokenizer": str(tiny_bert), "layers": 1, "width": 16, "heads": 2, "window": 200}
    beside = find_text_format("transformers", str(tiny_bert), Path(), {})
    assert beside is not None
    assert beside.window == 128
    told = find_text_format("scratch", "scratch", Path(), options)
    assert told is not None
    assert told.window == load_model("scratch", request("scratch", NEXT, options=options), Catalog()).window == 200
