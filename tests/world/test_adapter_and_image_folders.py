"""Folders of adapters and of image models as the world has them: nothing of them runs, each fault has one name."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from support import write_job
from task_parts import job
from tunesmith.catalog import Catalog
from tunesmith.cli import main
from tunesmith.contracts.model import LoadedModel, ModelRequest
from tunesmith.contracts.task import Facts
from tunesmith.errors import TunesmithError
from tunesmith.job.job import Pick
from tunesmith.models.load import find_model, load_model
from tunesmith.models.parts.image_settings import image_scale
from tunesmith.tasks import image_classification

ADAPTER: dict[str, Any] = {"peft_type": "LORA", "base_model_name_or_path": "base", "r": 8, "target_modules": ["query"]}
ADAPTERS: dict[str, Any] = {
    "code of its own": {"auto_map": {"AutoModel": "sly.Model"}, "peft_type": "SLY", "base_model_class": "sly"},
    "a base elsewhere": {"base_model_name_or_path": "../../../etc"},
    "a base on another machine": {"base_model_name_or_path": "\\\\server\\share\\model"},
    "a base with escapes": {"base_model_name_or_path": "\x1b]0;title\x07" * 1000},
    "a base that is a list": {"base_model_name_or_path": [["deep"] * 10] * 1000},
    "a pattern that takes for ever": {"target_modules": "(a+)+$" * 50, "exclude_modules": "(x|xx)*y"},
    "names of everything to save": {"modules_to_save": [".*", "", "../..", "__class__"] * 1000},
    "a giant rank": {"r": 10**12, "rank_pattern": {".*": 10**12}, "lora_alpha": 1e308},
    "a rank below nothing": {"r": -1},
    "nothing at all": None,
}
BROKEN: dict[str, bytes] = {
    "cut off": b'{"r": ',
    "a list": b"[]",
    "nested without end": b"[" * 100_000,
    "no text": b'{"r": "\xff"}',
    "a number of 10,000 digits": b'{"r": ' + b"9" * 10_000 + b"}",
}


class Sly:
    """Unpickling it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def adapter(folder: Path, config: bytes) -> Path:
    """An adapter whose code, weights and pickle would leave a mark."""
    made = folder / "adapter"
    made.mkdir()
    (made / "adapter_config.json").write_bytes(config)
    (made / "sly.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\n")
    torch.save({"weight": Sly(folder / "ran")}, made / "adapter_model.bin")
    (made / "adapter_model.safetensors").write_bytes(b"\xff" * 64)
    return made


def refused(folder: Path) -> TunesmithError:
    """The error of loading."""
    request = ModelRequest(name=str(folder), options={}, head=head(("a", "b")), folder=folder.parent, seed=1)
    with pytest.raises(TunesmithError) as caught:
        load_model("transformers", request, Catalog())
    return caught.value


def refused_by_check(folder: Path) -> TunesmithError:
    """The error of looking for the model without torch, as `check` does."""
    asked = replace(job("image-classification"), model=Pick(name="transformers", options={"name": str(folder)}))
    with pytest.raises(TunesmithError) as caught:
        find_model(asked, Catalog())
    return caught.value


def head(labels: tuple[str, ...]) -> Any:
    facts = Facts(labels=labels, counts=(1,) * len(labels), values={"target": "class", "source": "files"})
    return image_classification.build(job("image-classification"), facts).head()


@pytest.mark.parametrize("case", [*ADAPTERS, *BROKEN])
def test_an_adapter_is_refused_before_anything_of_it_is_read(case: str, tmp_path: Path) -> None:
    more = ADAPTERS.get(case, ())
    config = {} if more is None else {**ADAPTER, **dict(more)}
    made = adapter(tmp_path, BROKEN.get(case) or json.dumps(config).encode())
    error = refused(made)
    assert error.code == ("model.bad-config" if case in BROKEN else "model.adapter-folder")
    assert str(refused_by_check(made)) == str(error)
    assert "\x1b" not in str(error)
    assert len(str(error)) < 2000
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.bin"])
def test_an_adapter_that_links_to_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    made = adapter(tmp_path, json.dumps(ADAPTER).encode())
    (made / name).unlink()
    (made / name).symlink_to("/etc/passwd")
    assert refused(made).code == refused_by_check(made).code == "model.outside-folder"


VIT = {"image_size": 16, "patch_size": 8, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}


@pytest.fixture(scope="module")
def made_vit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import ViTConfig, ViTForImageClassification

    folder = tmp_path_factory.mktemp("vit")
    torch.manual_seed(0)
    ViTForImageClassification(ViTConfig(**VIT, intermediate_size=32)).save_pretrained(folder)
    return folder


@pytest.fixture
def vit(made_vit: Path, tmp_path: Path) -> Path:
    """A small vision transformer, to be spoiled."""
    folder = tmp_path / "vit"
    folder.mkdir()
    for file in made_vit.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def settings(**keys: Any) -> bytes:
    return json.dumps({"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1], **keys}).encode()


SETTINGS: dict[str, bytes] = {
    "means in words": settings(image_mean=["dark", "dark", "dark"]),
    "a mean in a list in a list": settings(image_mean=[[0.5], [0.5], [0.5]]),
    "no mean": settings(image_mean=[]),
    "a million means": settings(image_mean=[0.5] * 1_000_000),
    "means that are no numbers": settings(image_mean=[float("nan")] * 3),
    "means beyond every number": settings(image_mean=[10**400] * 3),
    "a deviation of nothing": settings(image_std=[0.2, 0.0, 0.1]),
    "a deviation below nothing": settings(image_std=[-0.2, 0.2, 0.1]),
    "a deviation too few": settings(image_std=[0.2, 0.2]),
    "a factor of nothing": settings(rescale_factor=0),
    "a factor in words": settings(rescale_factor="1/255"),
    "an infinite factor": settings(rescale_factor=float("inf")),
    "true for a mean": settings(image_mean=True),
    "a list": b"[]",
    "cut off": b'{"image_mean": [0.5',
    "nested without end": b"[" * 100_000,
    "no text": b'{"image_mean": "\xff"}',
}


@pytest.mark.parametrize("case", SETTINGS)
def test_settings_of_images_that_make_no_sense_are_refused_alike_by_check_and_by_loading(case: str, vit: Path) -> None:
    (vit / "preprocessor_config.json").write_bytes(SETTINGS[case])
    error = refused(vit)
    assert (error.code, error.problem.place.file) == ("model.bad-config", vit / "preprocessor_config.json")
    assert str(refused_by_check(vit)) == str(error)
    assert len(str(error)) < 1000


@pytest.mark.parametrize("target", ["/dev/zero", "/etc/passwd"])
def test_settings_of_images_that_link_to_elsewhere_are_refused(target: str, vit: Path) -> None:
    (vit / "preprocessor_config.json").symlink_to(target)
    assert refused(vit).code == refused_by_check(vit).code == "model.outside-folder"


def test_code_and_sizes_in_the_settings_of_images_are_no_concern_of_ours(vit: Path) -> None:
    odd = settings(
        auto_map={"AutoImageProcessor": "sly.Processor"},
        image_processor_type="sly.Processor",
        size={"height": 10**9, "width": -1, "shortest_edge": "many"},
        crop_size=10**9,
        resample=-5,
        do_resize="yes",
    )
    (vit / "preprocessor_config.json").write_bytes(odd)
    (vit / "sly.py").write_text(f"open({str(vit.parent / 'ran')!r}, 'w')\n")
    loaded = loading(vit)
    assert loaded.pixel_scale == ([127.5, 102.0, 76.5], [51.0, 51.0, 25.5])
    assert not (vit.parent / "ran").exists()


def loading(folder: Path) -> LoadedModel:
    request = ModelRequest(name=str(folder), options={}, head=head(("a", "b")), folder=folder.parent, seed=1)
    return load_model("transformers", request, Catalog())


SIZES: dict[str, tuple[Any, str]] = {
    "beyond all pictures": (10**9, "model.absurd-size"),
    "of a wall": (100_000, "model.absurd-size"),
    "below nothing": (-16, "model.absurd-size"),
    "of nothing": (0, "model.absurd-size"),
    "in words": ("large", "model.absurd-size"),
    "by name": ({"height": 16, "width": 16}, "model.absurd-size"),
    "of three sides": ([16, 16, 16], "model.absurd-size"),
    "of no side": ([], "model.absurd-size"),
    "of half a pixel": (16.5, "model.absurd-size"),
}


@pytest.mark.parametrize("case", SIZES)
def test_images_of_a_size_that_none_has_are_refused_before_one_is_decoded(case: str, vit: Path) -> None:
    size, code = SIZES[case]
    config = vit / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "image_size": size}))
    error = refused(vit)
    assert (error.code, error.problem.place.key) == (code, "image_size")
    assert str(refused_by_check(vit)) == str(error)


def pixels_of(vit: Path, picture: np.ndarray) -> torch.Tensor:
    """As the model gets them."""
    loaded = loading(vit)
    values = {"source": "files", "height": 16, "width": 16, "channels": 3, "normalise": "auto", "flat": False}
    task = image_classification.build(job("image-classification"), Facts(labels=("a",), counts=(1,), values=values))
    return task.pixels.prepare(torch.from_numpy(picture[None]), loaded)


@pytest.mark.parametrize(
    "keys",
    [
        {"do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True},
        {"do_normalize": False},
        {"do_rescale": False},
        {"do_rescale": False, "do_normalize": False},
        {"rescale_factor": 1 / 127.5, "rescale_offset": True, "do_normalize": False},
        {"rescale_factor": 1 / 127.5, "rescale_offset": True},
        {"rescale_factor": 0.01},
    ],
    ids=str,
)
def test_pixels_are_scaled_as_transformers_scales_them(keys: dict[str, Any], vit: Path) -> None:
    from transformers import EfficientNetImageProcessor

    (vit / "preprocessor_config.json").write_bytes(settings(**keys))
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    taken = {"rescale_offset": False, "include_top": False, "do_resize": False, **json.loads(settings(**keys))}
    expected = EfficientNetImageProcessor(**taken)(picture, return_tensors="pt", input_data_format="channels_last")
    assert torch.allclose(pixels_of(vit, picture), expected["pixel_values"].float(), rtol=1e-5, atol=1e-5)


def test_one_mean_stands_for_all_channels_and_a_folder_without_settings_says_nothing(vit: Path) -> None:
    assert image_scale(vit) is None
    (vit / "preprocessor_config.json").write_text('{"image_mean": 0.5, "image_std": 0.25}')
    assert image_scale(vit) == (127.5, 63.75)
    (vit / "preprocessor_config.json").write_text('{"image_mean": 0.5, "image_std": [0.25, 0.5, 1]}')
    assert image_scale(vit) == ([127.5] * 3, [63.75, 127.5, 255.0])
    (vit / "preprocessor_config.json").write_text('{"feature_size": 80, "sampling_rate": 16000}')
    assert image_scale(vit) is None


def test_settings_and_images_of_unequal_channels_are_refused(vit: Path) -> None:
    (vit / "preprocessor_config.json").write_bytes(settings(image_mean=[0.5] * 4, image_std=[0.5] * 4))
    with pytest.raises(TunesmithError) as caught:
        pixels_of(vit, np.zeros((16, 16, 3), np.uint8))
    assert (caught.value.code, caught.value.problem.found) == ("model.does-not-fit", "3")


def test_a_model_for_images_of_twelve_channels_is_refused(vit: Path) -> None:
    loaded = loading(vit)
    loaded.pretrained.config.num_channels = 12
    values = {"source": "files", "height": 16, "width": 16, "channels": 3, "normalise": "auto", "flat": False}
    task = image_classification.build(job("image-classification"), Facts(labels=("a",), counts=(1,), values=values))
    with pytest.raises(TunesmithError) as caught:
        task.pixels.key(loaded)
    assert (caught.value.code, caught.value.problem.found) == ("model.does-not-fit", "num_channels 12")


def divide_by_nothing(vit: Path) -> None:
    (vit / "preprocessor_config.json").write_bytes(settings(image_std=[0, 0, 0]))


def become_an_adapter(vit: Path) -> None:
    (vit / "adapter_config.json").write_text(json.dumps(ADAPTER))
    torch.save({"weight": Sly(vit.parent / "ran")}, vit / "adapter_model.bin")


SPOILT: dict[str, Callable[[Path], None]] = {
    "model.bad-config": divide_by_nothing,
    "model.adapter-folder": become_an_adapter,
}


@pytest.fixture(scope="module")
def project(made_vit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a model and a job."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("project")
    for label, level in (("dark", 40), ("light", 200)):
        for number in range(8):
            place = folder / "pictures" / label / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (level + number, level, level)).save(place)
    more = "training: {epochs: 1, batch_size: 4}\n"
    write_job(folder, "train: pictures", task="image-classification", model="vit", more=more)
    (folder / "vit").mkdir()
    restore(made_vit, folder)
    return folder


def restore(made: Path, project: Path) -> None:
    for file in (project / "vit").iterdir():
        file.unlink()
    for file in made.iterdir():
        (project / "vit" / file.name).write_bytes(file.read_bytes())


def test_no_command_goes_on_with_a_model_folder_that_was_spoilt(
    project: Path, made_vit: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    (written,) = (str(file) for file in project.glob("*.job.yaml"))
    assert main(["run", written]) == 0
    (run,) = (str(folder) for folder in (project / ".tunesmith" / "runs").iterdir())
    picture, out = str(project / "pictures" / "dark" / "0.png"), project.parent / "out"
    for code, spoil in SPOILT.items():
        restore(made_vit, project)
        spoil(project / "vit")
        for command in (
            ["check", "--quick", written],
            ["estimate", written],
            ["run", written],
            ["predict", run, picture],
            ["export", run, "--to", str(out)],
        ):
            capfd.readouterr()
            assert main(command) != 0, command
            said = "".join(capfd.readouterr())
            assert code in said, (command, said)
            assert "Traceback" not in said
    assert not out.exists()
    assert not (project / "ran").exists()
