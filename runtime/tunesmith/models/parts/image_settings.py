"""How a folder of transformers says that pixel values are scaled. No torch: `check` uses it too."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from tunesmith.contracts.model import PixelScale
from tunesmith.models.parts.folder_checks import bad_file, json_object

FILE = "preprocessor_config.json"
MOST_CHANNELS = 1_000
HIGHEST = 255.0
"""The largest value of a pixel."""


def image_scale(folder: Path) -> PixelScale | None:
    """As `preprocessor_config.json` says it; None where there is none, or where it says nothing of mean and deviation.

    transformers takes a pixel times `rescale_factor` (less 1 with `rescale_offset`), unless `do_rescale` is false, then
    less the mean and divided by the deviation, unless `do_normalize` is false. Raises model.bad-config.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    settings = json_object(file)
    divide, offset = _rescaling(settings, file)
    means, deviations = (_numbers(settings, key, file) for key in ("image_mean", "image_std"))
    if settings.get("do_normalize") is False:
        means, deviations = [0.0], [1.0]
    if means is None or deviations is None:
        return None
    if min(deviations) <= 0:
        raise bad_file(file, f"image_std holds {min(deviations):g}, by which nothing can be divided")
    count = max(len(means), len(deviations))
    if {len(means), len(deviations)} - {1, count}:
        raise bad_file(file, f"image_mean holds {len(means)} numbers and image_std {len(deviations)}")
    subtracted = [divide * (mean + offset) for mean in means * (count // len(means))]
    divided = [divide * deviation for deviation in deviations * (count // len(deviations))]
    return (subtracted[0], divided[0]) if count == 1 else (subtracted, divided)


def _rescaling(settings: dict[str, Any], file: Path) -> tuple[float, float]:
    """What a pixel's value is divided by first, and what is subtracted then."""
    if settings.get("do_rescale") is False:
        return 1.0, 0.0
    factor = settings.get("rescale_factor")
    if factor is None:
        return HIGHEST, 0.0
    if not _is_number(factor) or factor <= 0:
        raise bad_file(file, f"rescale_factor is {factor!r:.40}, not a number above 0")
    divide = HIGHEST if factor == 1 / HIGHEST else 1 / factor
    return divide, 1.0 if settings.get("rescale_offset") is True else 0.0


def _numbers(settings: dict[str, Any], key: str, file: Path) -> list[float] | None:
    found = settings.get(key)
    if found is None:
        return None
    values = found if isinstance(found, list) else [found]
    if not 0 < len(values) <= MOST_CHANNELS or not all(map(_is_number, values)):
        raise bad_file(file, f"{key} is {found!r:.60}, not a number for each channel")
    return [float(value) for value in values]


def _is_number(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e9
    except OverflowError:  # a whole number beyond every float
        return False
