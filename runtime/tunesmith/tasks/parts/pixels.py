"""From rows with images to the array that is kept, and from a batch of it to what the model reads.

N images, B of them in a batch, H by W pixels, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.data.limits import USUAL
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, TunesmithError
from tunesmith.tasks.parts.images import decode, shown, stack

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.model import LoadedModel

MIDDLE = 127.5
DECODING = 2
"""Changes whenever files are decoded to other pixels: what an older version kept is not used then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """`values` are the task's Facts.values: where pixels come from, their size and scale; `most` is what one image may
    have of them."""

    values: Mapping[str, Any]
    most: int | None = USUAL.pixels

    def encode(self, rows: Rows, model: LoadedModel) -> NDArray[np.generic]:
        """uint8 or float32 (N, H, W, C); for flat models float32 (N, H * W * C), scaled.

        Raises data.bad-image for a row that cannot be read.
        """
        height, width, channels = self._shape(model)
        try:
            if self.values["source"] == "columns":
                pixels: NDArray[np.generic] = _table(rows.columns["columns"], width)
            elif self.values["source"] == "files":
                pixels = decode(rows.columns["image"], height=height, width=width, channels=channels, most=self.most)
            else:
                pixels = stack(rows.columns["image"], height=height, width=width, channels=channels)
        except ValueError as error:
            row, reason = error.args if len(error.args) == 2 else (0, str(error))
            cells = rows.columns["columns" if self.values["source"] == "columns" else "image"]
            raise TunesmithError(
                "data.bad-image",
                f"this row's image cannot be read: {reason}",
                place=rows.place(row),
                found=shown(cells[row]),
            ) from error
        if not self.values["flat"]:
            return pixels
        subtract, divide = self._scale(model)
        flat = pixels.reshape(len(pixels), -1).astype(np.float32)
        repeat = flat.shape[1] // np.size(subtract)  # one value, or one for each channel
        flat -= np.tile(np.asarray(subtract, np.float32), repeat)
        flat /= np.tile(np.asarray(divide, np.float32), repeat)
        return flat

    def key(self, model: LoadedModel) -> dict[str, Any]:
        """Everything besides the rows that decides what `encode` gives."""
        return {
            "decoding": DECODING,
            "pixels": dict(self.values),
            "shape": list(self._shape(model)),
            "scale": self._scale(model),
        }

    def prepare(self, pixels_BHWC: torch.Tensor, model: LoadedModel) -> torch.Tensor:
        """float32 (B, C, H, W), scaled, as convolutions and vision transformers expect it."""
        subtract, divide = self._scale(model)
        pixels = pixels_BHWC.permute(0, 3, 1, 2).float()
        if isinstance(subtract, list) and isinstance(divide, list):
            return _by_channel(pixels, subtract, divide)
        return pixels if (subtract, divide) == (0.0, 1.0) else pixels.sub(subtract).div_(divide)  # type: ignore[arg-type]

    def example(self, model: LoadedModel) -> torch.Tensor:
        """Two black images, as a batch of what `encode` gives."""
        import torch

        height, width, channels = self._shape(model)
        return (
            torch.zeros(2, height * width * channels)
            if self.values["flat"]
            else torch.zeros(2, height, width, channels)
        )

    def _shape(self, model: LoadedModel) -> tuple[int, int, int]:
        height, width, channels = (int(self.values[name]) for name in ("height", "width", "channels"))
        config = getattr(model.pretrained, "config", None)
        if self.values["source"] == "files" and config is not None:
            size = getattr(config, "image_size", None)
            if size and not self.values.get("size_given"):
                height, width = (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
            if not self.values.get("channels_given"):
                channels = int(getattr(config, "num_channels", None) or channels)
            if channels not in (1, 3):
                raise TunesmithError(
                    "model.does-not-fit",
                    "the model reads images of another number of channels than pictures have",
                    place=Place(key="model"),
                    found=f"num_channels {channels}",
                    allowed=("1", "3"),
                    hint="choose another model, or set `channels` under `data:` if its first layer takes them",
                )
        return height, width, channels

    def _scale(self, model: LoadedModel) -> tuple[float | list[float], float | list[float]]:
        if self.values["source"] != "files":
            return float(self.values["subtract"]), float(self.values["divide"])
        chosen = self.values["normalise"]
        if chosen == "none":
            return 0.0, 1.0
        if chosen == "unit" or (chosen == "auto" and model.kind == "module"):
            return 0.0, 255.0
        if chosen == "auto" and model.pixel_scale is not None:
            self._refuse_other_channels(model.pixel_scale[0], model)
            return model.pixel_scale
        return MIDDLE, MIDDLE

    def _refuse_other_channels(self, of_channels: float | list[float], model: LoadedModel) -> None:
        channels = self._shape(model)[2]
        if isinstance(of_channels, list) and len(of_channels) != channels:
            raise TunesmithError(
                "model.does-not-fit",
                "preprocessor_config.json of the model scales another number of channels than the images have",
                place=Place(key="data.channels"),
                found=f"{channels}",
                allowed=(f"{len(of_channels)}",),
                hint="set `channels` under `data:`, or `normalise: unit`",
            )


def _by_channel(pixels_BCHW: torch.Tensor, subtract: list[float], divide: list[float]) -> torch.Tensor:
    """Plain numbers, channel by channel: a tensor of them would have to travel to the device first."""
    import torch

    scaled = [pixels_BCHW[:, c].sub(subtract[c]).div_(divide[c]) for c in range(pixels_BCHW.shape[1])]
    return torch.stack(scaled, dim=1)


def _table(cells: Sequence[Sequence[Any]], width: int) -> NDArray[np.float32]:
    """float32 (N, width); a cell's numbers may stand in lists. Raises ValueError with row and reason."""
    try:
        found = np.asarray(cells, np.float64)
    except ValueError:
        found = np.empty(())
    found = found.reshape(len(cells), width) if found.size == len(cells) * width else _numbers_of(cells, width)
    bad = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if len(bad):
        raise ValueError(int(bad[0]), "it has a cell that is no finite number")
    return found.astype(np.float32)


def _numbers_of(cells: Sequence[Any], width: int) -> NDArray[np.float64]:
    from tunesmith.tasks.parts.number_cells import numbers

    found = np.empty((len(cells), width))
    for row, cell in enumerate(cells):
        values = numbers(cell)
        if len(values) != width:
            raise ValueError(row, f"it has {len(values)} values, not {width}")
        found[row] = [np.nan if value is None else value for value in values]
    return found
