"""Image classification from files, arrays and columns of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from task_parts import cross_entropy, job, rows
from tunesmith.contracts.model import LoadedModel
from tunesmith.errors import TunesmithError
from tunesmith.tasks import image_classification


def pictures(folder: Path, mode: str = "RGB") -> list[str]:
    generator = np.random.default_rng(0)
    paths = []
    for number in range(4):
        pixels = generator.integers(0, 256, (10, 12, 3), dtype=np.uint8)
        path = folder / f"{number}.png"
        Image.fromarray(pixels).convert(mode).save(path)
        paths.append(str(path))
    return paths


def test_files_become_scaled_pictures(tmp_path: Path) -> None:
    started = job("image-classification", size=8)
    data = rows(image=pictures(tmp_path), label=["a", "b", "a", "b"])
    task = image_classification.build(started, image_classification.facts(started, data))
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    loaded = LoadedModel(module=module, kind="module")
    features = task.encode(data, loaded)
    assert features["inputs"].shape == (4, 8, 8, 3)
    assert features["inputs"].dtype == np.uint8
    batch = task.collate(features, np.array([3, 1]))
    seen = task.pixels.prepare(batch["inputs"], loaded)
    assert seen.shape == (2, 3, 8, 8)
    assert torch.allclose(seen[0, 1], torch.from_numpy(features["inputs"][3][..., 1]).float() / 255)
    assert task.outputs(loaded, batch).shape == (2, 2)


def test_flat_pictures_need_nothing_but_a_lookup(tmp_path: Path) -> None:
    started = job("image-classification", flatten=True)
    data = rows(image=pictures(tmp_path, "L"), label=[0, 1, 2, 1])
    task = image_classification.build(started, image_classification.facts(started, data))
    loaded = LoadedModel(module=torch.nn.Linear(120, 3), kind="module")
    features = task.encode(data, loaded)
    assert features["inputs"].shape == (4, 120)
    assert features["inputs"].dtype == np.float32
    assert 0 <= features["inputs"].min() < features["inputs"].max() <= 1
    read_only = {name: np.array(values) for name, values in features.items()}
    for values in read_only.values():
        values.flags.writeable = False  # as the cache's memory maps are
    batch = task.collate(read_only, np.array([2, 0]))
    assert np.array_equal(batch["inputs"].numpy(), features["inputs"][[2, 0]])
    task.loss_sum(loaded, batch, cross_entropy, None).backward()


def test_columns_and_arrays_of_numbers() -> None:
    columns = job("image-classification", {"columns": ("p0", "p1", "p2")}, normalise="unit")
    data = rows(columns=[("0", 128, 255), (1, 2, 3)], label=["x", "y"])
    facts = image_classification.facts(columns, data)
    task = image_classification.build(columns, facts)
    loaded = LoadedModel(module=torch.nn.Linear(3, 2), kind="module")
    assert task.encode(data, loaded)["inputs"].max() == 1.0
    bad = rows(columns=[("0", "dark", 255)], label=["x"])
    assert [p.code for p in image_classification.check_rows(columns, bad, facts, None)] == ["data.bad-image"]

    started = job("image-classification")
    arrays = rows(image=[np.full(784, 0.5, np.float32), np.zeros(784, np.float32)], label=[3, 7])
    task = image_classification.build(started, image_classification.facts(started, arrays))
    features = task.encode(arrays, loaded)
    assert features["inputs"].shape == (2, 784)
    assert features["inputs"][0, 0] == 0.5


def test_a_broken_image_is_named(tmp_path: Path) -> None:
    started = job("image-classification")
    paths = pictures(tmp_path)
    Path(paths[2]).write_bytes(b"not a picture")
    data = rows(image=paths, label=["a", "b", "a", "b"])
    facts = image_classification.facts(started, data)
    problems = image_classification.check_rows(started, data, facts, None)
    assert [(p.code, p.place.line) for p in problems] == [("data.bad-image", 4)]
    task = image_classification.build(started, facts)
    with pytest.raises(TunesmithError, match="bad-image") as caught:
        task.encode(data, LoadedModel(module=torch.nn.Identity(), kind="module"))
    assert caught.value.problem.place.line == 4


def test_a_vision_transformer_gets_its_own_size(tmp_path: Path) -> None:
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(
        image_size=16, patch_size=8, hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    torch.manual_seed(0)
    ViTForImageClassification(config).save_pretrained(tmp_path / "vit")
    (tmp_path / "vit" / "preprocessor_config.json").write_text(
        '{"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}'
    )
    from tunesmith.catalog import Catalog
    from tunesmith.contracts.model import ModelRequest
    from tunesmith.models.load import load_model

    started = job("image-classification")
    data = rows(image=pictures(tmp_path), label=["a", "b", "c", "b"])
    task = image_classification.build(started, image_classification.facts(started, data))
    request = ModelRequest(name="vit", options={}, head=task.head(), folder=tmp_path, seed=1)
    loaded = load_model("transformers", request, Catalog())
    features = task.encode(data, loaded)
    assert features["inputs"].shape == (4, 16, 16, 3)
    batch = task.collate(features, np.array([0]))
    seen = task.pixels.prepare(batch["inputs"], loaded)
    expected = (torch.from_numpy(features["inputs"][0]).float() / 255 - torch.tensor([0.5, 0.4, 0.3])) / torch.tensor(
        [0.2, 0.2, 0.1]
    )
    assert torch.allclose(seen[0].permute(1, 2, 0), expected, atol=1e-5)
    assert task.outputs(loaded, batch).shape == (1, 3)
    assert loaded.head_modules == ("classifier",)
