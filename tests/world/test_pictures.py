"""Pictures from cameras, scanners and microscopes: the model sees what a viewer shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support import write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.load import load_data
from tunesmith.job.load import load_job
from tunesmith.tasks.parts.images import decode, head_of

CORNERS = np.kron(np.array([[0, 50, 100], [150, 200, 250]], np.uint8), np.ones((8, 8), np.uint8))
TURNED = {
    1: CORNERS,
    2: CORNERS[:, ::-1],
    3: CORNERS[::-1, ::-1],
    4: CORNERS[::-1],
    5: CORNERS.T,
    6: np.rot90(CORNERS, -1),
    7: CORNERS[::-1, ::-1].T,
    8: np.rot90(CORNERS),
}


def stored(image: Image.Image, form: str, **more: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **more)
    return file.getvalue()


def seen(content: bytes, channels: int = 1) -> np.ndarray:
    """The picture in its own size, as the model gets it."""
    head = head_of(content)
    return decode([content], height=head.height, width=head.width, channels=channels)[0]


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_photographs_are_turned_as_the_camera_says(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(form, {})
    found = seen(stored(Image.fromarray(CORNERS), form, exif=exif, **lossless))[:, :, 0]
    assert found.shape == TURNED[orientation].shape
    assert np.abs(found.astype(int) - TURNED[orientation]).max() <= 2


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_exif_that_cannot_be_read_turns_nothing() -> None:
    content = stored(Image.fromarray(CORNERS), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff", quality=100)
    assert seen(content).shape == (16, 24, 1)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_cut_off(form: str) -> None:
    values = np.random.default_rng(0).integers(0, 65_536, (20, 30)).astype(np.uint16)
    values[0, :2] = 0, 65_535
    found = seen(stored(Image.fromarray(values), form))[:, :, 0]
    assert np.array_equal(found, np.rint(values / 257))


def test_16_bits_with_the_high_byte_first() -> None:
    values = np.array([[0, 257, 65_535]], ">u2")
    assert seen(stored(Image.frombytes("I;16B", (3, 1), values.tobytes()), "TIFF")).ravel().tolist() == [0, 1, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 32_896, 65_535]], np.int32), [0, 128, 255]),  # 16 bits in a wide container
        (np.array([[0, 2**31 - 1]], np.int32), [0, 127]),  # of 0 to 2^32 - 1
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 100.4, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[0.0, 32_896.0, 65_535.0]], np.float32), [0, 128, 255]),
    ],
)
def test_wide_numbers_are_scaled_by_the_range_that_holds_them(values: np.ndarray, expected: list[int]) -> None:
    assert seen(stored(Image.fromarray(values), "TIFF")).ravel().tolist() == expected


@pytest.mark.parametrize("values", [[[-1.0, 0.5]], [[float("nan"), 0.5]], [[0.0, 1e9]]])
def test_numbers_that_are_no_brightness_are_refused(values: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="which are no brightness"):
        seen(stored(Image.fromarray(np.array(values, np.float32)), "TIFF"))


def test_what_is_transparent_lies_on_white() -> None:
    image = Image.new("RGBA", (3, 1), (0, 0, 0, 0))  # transparent black: people see the page
    image.putpixel((1, 0), (255, 0, 0, 255))
    image.putpixel((2, 0), (0, 0, 0, 128))
    assert seen(stored(image, "PNG"), channels=3).tolist() == [[[255, 255, 255], [255, 0, 0], [127, 127, 127]]]
    assert seen(stored(image.convert("LA"), "PNG")).ravel().tolist()[0] == 255
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    palette.putpixel((1, 0), 1)
    assert seen(stored(palette, "GIF", transparency=0), channels=3).tolist() == [[[255, 255, 255], [10, 20, 30]]]


def test_an_opaque_alpha_channel_changes_nothing() -> None:
    plain = Image.fromarray(np.random.default_rng(1).integers(0, 256, (9, 7, 3)).astype(np.uint8))
    assert np.array_equal(seen(stored(plain.convert("RGBA"), "PNG"), channels=3), np.asarray(plain))


def test_colours_of_print_become_those_of_a_screen() -> None:
    cyan = seen(stored(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), "TIFF"), channels=3)
    assert cyan[0, 0].tolist() == [0, 255, 255]


def folders(root: Path, *names: str) -> None:
    """Two pictures in each folder."""
    generator = np.random.default_rng(2)
    for name in names:
        (root / name).mkdir(parents=True)
        for place in range(2):
            Image.fromarray(generator.integers(0, 256, (4, 4, 3)).astype(np.uint8)).save(root / name / f"{place}.png")


def job(tmp_path: Path, data: str) -> Path:
    (tmp_path / "net.py").write_text("")
    return write_job(tmp_path, data, task="image-classification", model="net:net")


def test_several_frames_are_reported(tmp_path: Path) -> None:
    folders(tmp_path / "p", "cat", "dog")
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "p" / "cat" / "moving.gif", save_all=True, append_images=frames[1:])
    found = {problem.code: problem for problem in check(job(tmp_path, "train: p, validation: none"))["problems"]}
    assert found["data.several-frames"].message.startswith("1 of 5 images")
    assert str(found["data.several-frames"].place).startswith(str(tmp_path / "p" / "cat" / "moving.gif"))


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("train", "val", "test"), ("train", "val", "test")),
        (("Train", "validation"), ("Train", "validation", None)),
        (("training", "testing"), ("training", 0.1, "testing")),
    ],
)
def test_folders_called_like_parts_are_the_parts(tmp_path: Path, names: tuple[str, ...], parts: tuple) -> None:
    folders(tmp_path / "photos", *(f"{part}/{name}" for part in names for name in ("cat", "dog")))
    path = job(tmp_path, "train: photos")
    found = check(path)
    assert [label["label"] for label in found["labels"]] == ["cat", "dog"]
    assert "data.split-folders" in [problem.code for problem in found["problems"]]
    catalog = Catalog()
    data = load_data(load_job(path, catalog).job, catalog)
    used = [
        rows and {file.parent.parent.name for file in rows.files} for rows in (data.train, data.validation, data.test)
    ]
    assert used[0] == {parts[0]}
    assert used[1] == ({parts[1]} if isinstance(parts[1], str) else used[0])
    assert used[2] == ({parts[2]} if parts[2] else None)


@pytest.mark.parametrize("names", [("train", "car", "plane"), ("train/cat", "test/cat", "other/cat"), ("train",)])
def test_other_folders_are_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    folders(tmp_path / "photos", *names)
    catalog = Catalog()
    data = load_data(load_job(job(tmp_path, "train: photos, validation: none"), catalog).job, catalog)
    assert set(data.train.columns["label"]) == {name.partition("/")[0] for name in names}
    assert data.notes == ()


def test_a_part_that_the_job_names_stays(tmp_path: Path) -> None:
    folders(tmp_path / "photos", "train/cat", "train/dog", "val/cat", "mine/cat", "mine/dog")
    (tmp_path / "photos" / "mine").rename(tmp_path / "mine")
    catalog = Catalog()
    data = load_data(load_job(job(tmp_path, "train: photos, validation: mine"), catalog).job, catalog)
    assert data.validation is not None
    assert {file.parents[1].name for file in data.validation.files} == {"mine"}
