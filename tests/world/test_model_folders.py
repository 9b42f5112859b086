"""Model folders as the world has them: absurd, cut off, odd or sly. One named error each, before anything is built."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from task_parts import NOTHING, job
from tunesmith.catalog import Catalog
from tunesmith.confined import Confined
from tunesmith.contracts.model import Head, LoadedModel, ModelRequest
from tunesmith.errors import TunesmithError
from tunesmith.job.job import Pick
from tunesmith.models.load import find_model, load_model, source_of
from tunesmith.tasks.parts.texts import text_head

HEAD = text_head(outputs=3, labels=("a", "b", "c"), problem="single_label_classification")


@pytest.fixture
def folder(tiny_bert: Path, tmp_path: Path) -> Path:
    """A copy of a small BERT, to be spoiled."""
    return Path(shutil.copytree(tiny_bert, tmp_path / "model"))


@pytest.fixture(scope="module")
def reader() -> Iterator[Confined]:
    """The process that reads tokenizers, one for all tests."""
    kept = Confined("tunesmith.models.parts.folder_reader:read_alone", time_s=120, memory_bytes=6 << 30)
    yield kept
    kept.close()


@pytest.fixture(autouse=True)
def one_reader(reader: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tunesmith.confined.Confined", lambda *given, **limits: SimpleNamespace(ask=reader.ask, close=int)
    )


def load(folder: Path, head: Head = HEAD) -> LoadedModel:
    request = ModelRequest(name=str(folder), options={}, head=head, folder=folder.parent, seed=1)
    return load_model("transformers", request, Catalog())


def refused(folder: Path) -> TunesmithError:
    """The error of loading; what is judged without torch is told by `check`'s way in the same words."""
    with pytest.raises(TunesmithError) as caught:
        load(folder)
    return caught.value


def refused_by_check(folder: Path) -> TunesmithError:
    import dataclasses

    asked = dataclasses.replace(
        job("text-classification"), model=Pick(name="transformers", options={"name": str(folder)})
    )
    assert asked.method == NOTHING
    with pytest.raises(TunesmithError) as caught:
        find_model(asked, Catalog())
    return caught.value


def change(folder: Path, **keys: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))


ABSURD = {
    "layers": {"num_hidden_layers": 10**9},
    "a width": {"hidden_size": 10**12},
    "a width of nothing": {"hidden_size": 0},
    "a width below nothing": {"intermediate_size": -5},
    "a width in words": {"hidden_size": "many"},
    "heads": {"num_attention_heads": 1.5},
    "a vocabulary": {"vocab_size": 10**10},
    "positions": {"max_position_embeddings": 10**13},
    "label names": {"id2label": {str(number): "x" for number in range(200_000)}},
    "layers that the files cannot fill": {"num_hidden_layers": 1500, "hidden_size": 8192},
    "a vocabulary that the files cannot fill": {"vocab_size": 15_000_000, "hidden_size": 64},
    "a size within": {"text_config": {"hidden_size": 10**12}},
    "infinity": {"hidden_size": float("inf")},
}
LARGER_THAN_ITS_WEIGHTS = {
    "a width within": {"intermediate_size": 900_000},
    "positions": {"max_position_embeddings": 500_000_000},
    "kinds of tokens": {"type_vocab_size": 19_000_000},
}


@pytest.mark.parametrize("case", ABSURD)
def test_absurd_sizes_are_refused_by_their_key_before_anything_is_built(folder: Path, case: str) -> None:
    change(folder, **ABSURD[case])
    error = refused(folder)
    assert error.code == "model.absurd-size"
    assert error.problem.place.file == folder / "config.json"
    assert str(refused_by_check(folder)) == str(error)


@pytest.mark.parametrize("pickled", [False, True], ids=["safetensors", "pickle"])
@pytest.mark.parametrize("case", LARGER_THAN_ITS_WEIGHTS)
def test_a_model_that_the_weight_files_cannot_fill_takes_no_memory(folder: Path, case: str, pickled: bool) -> None:
    if pickled:
        import torch
        from safetensors.torch import load_file

        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    change(folder, **LARGER_THAN_ITS_WEIGHTS[case])
    error = refused(folder)
    assert error.code == "model.absurd-size"
    assert error.problem.place.file == folder / "config.json"


def damage_header(folder: Path) -> None:
    file = folder / "model.safetensors"
    content = file.read_bytes()
    file.write_bytes(struct.pack("<Q", 1 << 60) + content[8:])


def cut(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def grow_header(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 40) + b"[" * 40)


def overlap(folder: Path) -> None:
    file = folder / "model.safetensors"
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    name = next(name for name in header if name != "__metadata__")
    header[name]["shape"] = [10**6, 10**6]
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])


def index(target: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "part.safetensors")
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": target}}))

    return write


def link(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder.parent / "secret").write_text("mine")
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(folder.parent / "secret")

    return write


def named_index(folder: Path) -> None:
    """Weights of the folder beside, by a way that the index of its usual name is not let go."""
    from safetensors import safe_open

    shutil.move(folder / "model.safetensors", folder.parent / "others.safetensors")
    with safe_open(folder.parent / "others.safetensors", "np") as file:
        names = dict.fromkeys(file.keys(), "../others.safetensors")
    (folder / "own.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": names}))
    change(folder, transformers_weights="own.safetensors.index.json")


def linked_template(folder: Path) -> None:
    (folder.parent / "secret").write_text("mine")
    (folder / "additional_chat_templates").mkdir()
    (folder / "additional_chat_templates" / "default.jinja").symlink_to(folder.parent / "secret")


def pipe(folder: Path) -> None:
    (folder / "vocab.json").unlink(missing_ok=True)
    os.mkfifo(folder / "vocab.json")


SPOILT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a header without end": (damage_header, "model.damaged-weights"),
    "a file cut off": (cut, "model.damaged-weights"),
    "brackets for a header": (grow_header, "model.damaged-weights"),
    "shapes that the bytes do not fill": (overlap, "model.damaged-weights"),
    "an empty file": (lambda f: (f / "model.safetensors").write_bytes(b""), "model.damaged-weights"),
    "an index to a file that is not there": (index("other.safetensors"), "model.damaged-weights"),
    "an index that climbs": (index("../secret.safetensors"), "model.outside-folder"),
    "an index that names a path": (index("/etc/passwd"), "model.outside-folder"),
    "an index of numbers": (
        lambda f: (f / "model.safetensors.index.json").write_text('{"weight_map": {"a": 1}}'),
        "model.bad-config",
    ),
    "a link to the weights": (link("model.safetensors"), "model.outside-folder"),
    "a link to the vocabulary": (link("vocab.txt"), "model.outside-folder"),
    "a link to a further template": (linked_template, "model.outside-folder"),
    "an index of another name": (named_index, "model.bad-config"),
    "settings for writing that are a list": (
        lambda f: (f / "generation_config.json").write_text("[]"),
        "model.bad-config",
    ),
    "settings for writing nested without end": (
        lambda f: (f / "generation_config.json").write_text("[" * 10**5),
        "model.bad-config",
    ),
    "a pipe": (pipe, "model.outside-folder"),
    "a config that is no JSON": (lambda f: (f / "config.json").write_text("{"), "model.bad-config"),
    "a config that is a list": (lambda f: (f / "config.json").write_text("[]"), "model.bad-config"),
    "a config in another encoding": (lambda f: (f / "config.json").write_bytes(b'{"a": "\xff"}'), "model.bad-config"),
    "a config nested without end": (lambda f: (f / "config.json").write_text("[" * 10**5), "model.bad-config"),
    "quantised weights": (
        lambda f: change(f, quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True}),
        "model.quantised-weights",
    ),
    "an adapter": (
        lambda f: (f / "adapter_config.json").write_text('{"base_model_name_or_path": "/etc"}'),
        "model.adapter-folder",
    ),
    "GGUF": (
        lambda f: [(f / "a.gguf").write_bytes(b"GGUF"), (f / "config.json").unlink()],
        "model.gguf",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_spoils_a_folder_is_named_the_same_by_check_and_by_loading(folder: Path, case: str) -> None:
    spoil, code = SPOILT[case]
    spoil(folder)
    error = refused(folder)
    assert error.code == code
    assert str(refused_by_check(folder)) == str(error)


def test_folders_of_one_odd_file_are_known_as_models_so_that_their_error_is_reported(tmp_path: Path) -> None:
    for name in ("model.gguf", "adapter_config.json"):
        odd = tmp_path / name.partition(".")[0]
        odd.mkdir()
        (odd / name).write_text("{}")
        assert source_of(odd.name, tmp_path, Catalog()) == "transformers"


def test_code_that_comes_with_an_unknown_architecture_is_named_and_not_run(folder: Path) -> None:
    change(folder, model_type="made-up", auto_map={"AutoModel": "sly.Model"})
    (folder / "sly.py").write_text(f"open({str(folder.parent / 'ran')!r}, 'w')\n")
    error = refused(folder)
    assert error.code == "model.unknown-architecture"
    assert "sly.Model" in error.problem.found
    assert not (folder.parent / "ran").exists()


def test_a_pickle_that_would_run_code_is_refused(folder: Path) -> None:
    class Sly:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(folder.parent / "ran"),))

    import torch

    (folder / "model.safetensors").unlink()
    torch.save({"weight": Sly()}, folder / "pytorch_model.bin")
    assert refused(folder).code == "model.cannot-load"
    assert not (folder.parent / "ran").exists()


def test_files_of_the_hubs_cache_are_links_and_are_read(tiny_bert: Path, tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "models--a--b" / "blobs", tmp_path / "models--a--b" / "snapshots" / "main"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for file in tiny_bert.iterdir():
        shutil.copyfile(file, blobs / f"of-{file.name}")
        (snapshot / file.name).symlink_to(Path("../../blobs") / f"of-{file.name}")
    assert load(snapshot).head_modules == ("classifier",)
    (tmp_path / "secret").write_text("mine")
    (snapshot / "merges.txt").symlink_to(tmp_path / "secret")
    assert refused(snapshot).code == "model.outside-folder"


VALUES: tuple[Any, ...] = (-1, 0, 10**15, 1.5, "x", None, True, [], {}, [10**12], float("nan"), "\x1b]52;c;x\x07")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_a_config_it_loads_or_one_error_says_why(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    config = json.loads((folder / "config.json").read_text())
    for _ in range(6):
        keys = chance.sample(sorted(config), chance.choice((1, 1, 2)))
        change(folder, **{**config, **{key: chance.choice(VALUES) for key in keys}})
        try:
            load(folder)
        except TunesmithError as error:
            assert error.code.startswith("model.")
            assert len(str(error)) < 1500


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stands_in_a_weight_file_it_loads_or_one_error_says_why(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(whole[:8], "little") + 8
    for _ in range(6):
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 10))):
            content[chance.randrange(length)] = chance.randrange(256)
        (folder / "model.safetensors").write_bytes(
            bytes(content)[: chance.choice((len(whole), chance.randrange(length)))]
        )
        try:
            load(folder)
        except TunesmithError as error:
            assert error.code in ("model.damaged-weights", "model.cannot-load", "model.weights-do-not-fit")
