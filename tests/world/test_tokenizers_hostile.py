"""Tokenizers come with a model: what their author wrote may fail, grow or ask for code, and is one named error."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from task_parts import job, rows
from tokenizer_folders import CHATML, byte_level, config, json_folder, write
from tunesmith.checks.job import check
from tunesmith.contracts.model import LoadedModel, TextFormat
from tunesmith.errors import TunesmithError
from tunesmith.models.parts import tokenizers
from tunesmith.models.parts.text_growth import GrowingTextError, refuse_growth
from tunesmith.models.parts.tokenizers import text_format
from tunesmith.python_process import code_command
from tunesmith.tasks import text_classification
from tunesmith.tasks.parts.documents import encode_documents
from tunesmith.tasks.parts.texts import encode_texts

PATTERN = {"type": "Split", "pattern": {"Regex": "(a|a|aa)+$"}, "behavior": "Isolated", "invert": False}
"""The number of ways to match it doubles with each letter."""
HARD = "a" * 60 + "!"


def spoilt(change: Callable[[dict[str, Any]], Any]) -> str:
    """The JSON of a byte-level tokenizer that was changed."""
    found = json.loads(byte_level(CHATML).to_str())
    change(found)
    return json.dumps(found)


def pattern_of_many_tries() -> TextFormat:
    from tokenizers import Tokenizer

    return TextFormat(tokenizer=Tokenizer.from_str(spoilt(lambda found: found.update(pre_tokenizer=PATTERN))))


def test_a_pattern_that_takes_too_many_tries_is_one_named_error_wherever_texts_are_cut() -> None:
    import torch

    reads = pattern_of_many_tries()
    model = LoadedModel(module=torch.nn.Identity(), kind="module", text=reads)
    data = rows(text=[HARD] * 4, label=["a", "b"] * 2)
    started = job("text-classification", {"text": ("text",), "label": ("label",)})
    facts = text_classification.facts(started, data)
    ways: dict[str, Callable[[], object]] = {
        "check": lambda: text_classification.check_rows(started, data, facts, reads),
        "classification": lambda: encode_texts(model, [HARD], None, 20),
        "documents": lambda: encode_documents(
            reads.tokenizer, [[(HARD, True)]], begin=None, end=None, window=64, split=False, alone=False
        ),
    }
    for name, way in ways.items():
        with pytest.raises(TunesmithError) as caught:
            way()
        assert caught.value.code == "model.tokenizer-failed", name
        assert "retry-limit" in caught.value.problem.message


def replace(pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"String": pattern}, "content": content}


def sequence(part: str, steps: list[dict[str, Any]]) -> Callable[[dict[str, Any]], Any]:
    name = {"normalizer": "normalizers", "decoder": "decoders"}[part]
    return lambda found: found.update({part: {"type": "Sequence", name: steps}})


GROWING = {
    "eight rules that write twenty letters for one": sequence("normalizer", [replace("a", "a" * 20)] * 8),
    "one rule that writes a million": sequence("normalizer", [replace("a", "b" * 1_000_000)]),
    "a beginning of a million letters": lambda found: found.update(
        normalizer={"type": "Prepend", "prepend": "b" * 1_000_000}
    ),
    "answers of a million letters": sequence("decoder", [replace("a", "b" * 1000)] * 2),
    "a million tokens around each text": lambda found: found.update(
        post_processor={
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "x", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"x": {"id": "x", "ids": [1] * 1_000_000, "tokens": ["a"] * 1_000_000}},
        }
    ),
}


@pytest.mark.parametrize("case", GROWING)
def test_rules_that_make_far_more_text_than_they_get_are_refused(case: str) -> None:
    with pytest.raises(GrowingTextError, match="characters for one"):
        refuse_growth(spoilt(GROWING[case]))


def test_check_names_a_tokenizer_that_fills_the_memory(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    json_folder(byte_level(CHATML), "llama", tokenizer_class="PreTrainedTokenizerFast")(model)
    (model / "tokenizer.json").write_text(spoilt(GROWING["eight rules that write twenty letters for one"]))
    (tmp_path / "a.csv").write_text("text\n" + "a banana\n" * 12)
    (tmp_path / "a.job.yaml").write_text("task: causal-lm\nmodel: model\ndata: {train: a.csv}\n")
    found = check(tmp_path / "a.job.yaml")["problems"]
    assert found[0].code == "model.broken-tokenizer"
    assert "its normalizer writes up to 25,600,000,000 characters for one" in found[0].message


def test_a_tokenizer_file_larger_than_any_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    json_folder(byte_level(CHATML), "llama", tokenizer_class="PreTrainedTokenizerFast")(tmp_path)
    with (tmp_path / "merges.txt").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(TunesmithError, match="broken-tokenizer"):
        text_format(tmp_path)


def test_what_others_wrote_is_read_in_a_bounded_process_also_once_torch_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch  # noqa: F401 - so that it is there

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tokenizers, "READING_BYTES", 50 << 20)  # less than Python with transformers takes
    model = tmp_path / "model"
    model.mkdir()
    json_folder(byte_level(CHATML), "llama", tokenizer_class="PreTrainedTokenizerFast")(model)
    with pytest.raises(TunesmithError, match="broken-tokenizer"):
        text_format(model)


def test_sizes_that_do_not_go_together_are_the_fault_of_the_configuration(tmp_path: Path) -> None:
    json_folder(byte_level(CHATML), "llama", tokenizer_class="PreTrainedTokenizerFast")(tmp_path)
    config(tmp_path, "llama", hidden_size=32, num_attention_heads=900)
    with pytest.raises(TunesmithError) as caught:
        text_format(tmp_path)
    assert caught.value.code == "model.bad-config"
    assert caught.value.problem.place.file == tmp_path / "config.json"


def test_code_of_a_lone_tokenizer_is_never_asked_for(tmp_path: Path) -> None:
    """transformers would ask the terminal whether to run it, and take a `y` from whatever stands on standard input."""
    byte_level(CHATML).save(str(tmp_path / "tokenizer.json"))
    write(tmp_path, "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["own.Own", None]}, "tokenizer_class": "O"})
    (tmp_path / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    code = "import sys; from tunesmith.models.parts.folder_reader import read_alone; read_alone(sys.argv[1])"
    done = subprocess.run(
        [*code_command(code), str(tmp_path)],
        input="y\n" * 9,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules")},
    )
    assert done.returncode != 0
    assert "[y/N]" not in done.stdout
    assert not (tmp_path / "ran").exists()


def test_end_tokens_that_are_no_tokens_end_nothing(tmp_path: Path) -> None:
    json_folder(byte_level(CHATML), "llama", tokenizer_class="PreTrainedTokenizerFast")(tmp_path)
    config(tmp_path, "llama", vocab_size=500, eos_token_id=[-1, 2, 500])
    write(tmp_path, "generation_config.json", {"eos_token_id": [2**70, 1, -5, True]})
    found = text_format(tmp_path)
    assert found is not None
    assert found.ends == (2, 1)
