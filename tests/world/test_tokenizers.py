"""Token ids are those of transformers' own tokenizer for the same folder, whatever kind it is and whatever it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tokenizer_folders import FOLDERS, TEXTS, config, word_piece, write
from tunesmith.confined import Confined
from tunesmith.errors import TunesmithError
from tunesmith.models.parts import tokenizers
from tunesmith.models.parts.tokenizers import text_format


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("tokenizers")
    made = {name: base / name for name in FOLDERS}
    for name, make in FOLDERS.items():
        made[name].mkdir()
        make(made[name])
    return made


@pytest.fixture(scope="session")
def alone(folders: dict[str, Path]) -> Confined:
    """The process that `check` asks: it has no torch."""
    return Confined("tunesmith.models.parts.folder_reader:read_alone", time_s=120, memory_bytes=4 << 30)


def by_transformers(folder: Path) -> Any:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    if not (folder / "config.json").exists():
        return PreTrainedTokenizerFast.from_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("name", FOLDERS)
def test_ids_are_those_of_transformers(name: str, folders: dict[str, Path], alone: Confined, monkeypatch) -> None:
    expected = by_transformers(folders[name])
    monkeypatch.setattr(tokenizers, "_ask", lambda folder: alone.ask(str(folder)))
    found = text_format(folders[name])
    assert found is not None
    assert found.tokenizer is not None
    for text in TEXTS:
        for special in (True, False):
            ours = found.tokenizer.encode(text, add_special_tokens=special).ids
            assert ours == expected(text, add_special_tokens=special)["input_ids"], (text, special)
    pair = found.tokenizer.encode("a pair", "of texts")
    theirs = expected("a pair", "of texts")
    assert pair.ids == theirs["input_ids"]
    assert [pair.type_ids, expected.special_tokens_map] == [
        theirs.get("token_type_ids", pair.type_ids),
        dict(found.special_tokens),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bert", "bert-cased"),
        ("bert", "bert-keeps-accents"),
        ("bert-cased", "bert-strips-accents"),
        ("bert", "bert-joined-chinese"),
        ("bert", "bert-added-tokens"),
        ("bert", "bert-added-tokens-decoder"),
        ("bert", "bert-special-tokens-map"),
        ("bert", "bert-splits-special"),
        ("gpt2", "gpt2-prefix-space"),
        ("gpt2", "gpt2-adds-bos"),
        ("byte-level-fast", "byte-level-splits-special"),
        ("byte-level-fast", "byte-level-new-special"),
        ("byte-level-fast", "byte-level-added"),
        ("llama", "llama-adds-eos"),
        ("llama", "llama-no-prefix-space"),
    ],
)
def test_each_setting_changes_ids(one: str, other: str, folders: dict[str, Path]) -> None:
    """Else the comparison above would prove nothing."""
    assert by_transformers(folders[one])(TEXTS).input_ids != by_transformers(folders[other])(TEXTS).input_ids


def test_what_is_kept_is_asked_for_once_and_again_once_a_file_changes(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = shutil.copytree(folders["bert"], tmp_path / "model")
    asked = []
    ask = tokenizers._ask
    monkeypatch.setattr(tokenizers, "_ask", lambda place: asked.append(place) or ask(place))
    first, again = text_format(folder), text_format(folder)
    assert first is not None
    assert again is not None
    assert first.tokenizer.to_str() == again.tokenizer.to_str()  # type: ignore[union-attr]
    assert len(asked) == 1
    (kept,) = (tmp_path / "cache").rglob("*.txt")
    kept.write_bytes(kept.read_bytes().replace(b"lowercase", b"lowercasf", 1))
    text_format(folder)
    assert len(asked) == 2, "a damaged answer is not believed"
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": False})
    changed = text_format(folder)
    assert changed is not None
    assert changed.tokenizer.encode("The").ids != first.tokenizer.encode("The").ids  # type: ignore[union-attr]
    assert len(asked) == 3


def test_a_broken_tokenizer_is_one_named_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "BPE"')
    config(tmp_path, "llama")
    with pytest.raises(TunesmithError) as caught:
        text_format(tmp_path)
    assert caught.value.code == "model.broken-tokenizer"
    assert caught.value.problem.place.file == tmp_path


def test_a_vocabulary_of_any_name_that_transformers_knows_is_read(tmp_path: Path) -> None:
    for name in ("spm.model", "sentencepiece.model", "tiktoken.model"):
        folder = tmp_path / name.removesuffix(".model")
        folder.mkdir()
        config(folder, "deberta-v2")
        assert text_format(folder) is None
        (folder / name).write_bytes(b"no vocabulary")
        with pytest.raises(TunesmithError, match="broken-tokenizer"):
            text_format(folder)


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5", "xlm-roberta", "gemma"])
def test_a_vocabulary_that_the_models_tokenizer_does_not_look_for_is_not_silently_left_out(
    kind: str, tmp_path: Path, alone: Confined, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers then makes a tokenizer of special tokens only, to which every text is unknown."""
    config(tmp_path, kind)
    (tmp_path / "sentencepiece.model").write_bytes(b"a vocabulary under another name")
    monkeypatch.setattr(
        "tunesmith.confined.Confined", lambda *given, **limits: SimpleNamespace(ask=alone.ask, close=int)
    )
    with pytest.raises(TunesmithError, match="finds no vocabulary in this folder"):
        text_format(tmp_path)


def test_a_longest_input_that_is_no_number_is_the_same_error(tmp_path: Path) -> None:
    word_piece(tmp_path, model_max_length="many")
    with pytest.raises(TunesmithError, match="broken-tokenizer"):
        text_format(tmp_path)


def test_code_beside_a_tokenizer_is_not_run(tmp_path: Path, folders: dict[str, Path]) -> None:
    folder = shutil.copytree(folders["byte-level-fast"], tmp_path / "model")
    write(folder, "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["own.Own", None]}, "tokenizer_class": "Own"})
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config(folder, "unheard-of", auto_map={"AutoConfig": "own.Own"})
    with pytest.raises(TunesmithError, match="broken-tokenizer"):
        text_format(folder)
    assert not (tmp_path / "ran").exists()
