"""Images from files, bytes or arrays to one array of equal pictures. N images, H by W pixels, C channels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.errors import TunesmithError, missing_extra
from tunesmith.tasks._decoding import GREY, as_seen, is_turned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGEST_IMAGE = 100_000_000
"""Pixels. A larger image is refused: a few bytes may unpack to more memory than there is."""

THREADS = 4


def is_array(value: Any) -> bool:
    """Whether a cell holds pixels already, and not a file."""
    return hasattr(value, "__array__") or isinstance(value, (list, tuple))


class Head(NamedTuple):
    """What an image is like before its pixels are read. `frames`: whether there are more than the first, taken one."""

    height: int
    width: int
    channels: int
    frames: bool = False

    @property
    def size(self) -> tuple[int, int, int]:
        """Height, width and channels (1 or 3)."""
        return self[:3]


def head_of(value: Any) -> Head:
    """The head of one image, as it will be seen; no more than that is read of a file."""
    if is_array(value):
        shape = tuple(getattr(value, "shape", ()) or _shape(value))
        if len(shape) == 1:
            return Head(1, int(shape[0]), 1)
        return Head(int(shape[0]), int(shape[1]), int(shape[2]) if len(shape) > 2 else 1)
    with _open(value) as image:
        height, width = (image.width, image.height) if is_turned(image) else (image.height, image.width)
        return Head(height, width, 1 if image.mode in GREY else 3, bool(getattr(image, "is_animated", False)))


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, (list, tuple)) else ()


def _open(value: Any) -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise missing_extra("images", "pillow", "Reading images") from None
    if isinstance(value, Image.Image):
        return value.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = Image.open(io.BytesIO(value) if isinstance(value, bytes) else value)
    if image.width * image.height > LARGEST_IMAGE:
        image.close()
        raise ValueError(f"has {image.width} by {image.height} pixels, more than {LARGEST_IMAGE:,}")
    return image


def decode(values: Sequence[Any], *, height: int, width: int, channels: int) -> NDArray[np.uint8]:
    """Files or bytes as they are seen, scaled to fit: uint8, shape (N, H, W, C).

    Raises ValueError `(row, reason)` for a bad one.
    """
    import numpy as np

    pixels = np.empty((len(values), height, width, channels), np.uint8)

    def put(row: int) -> None:
        from PIL import Image

        try:
            with _open(values[row]) as image:
                fitted = as_seen(image, grey=channels == 1)
                if fitted.size != (width, height):
                    fitted = fitted.resize((width, height), Image.Resampling.BILINEAR)
                pixels[row] = np.asarray(fitted).reshape(height, width, channels)
        except TunesmithError:
            raise
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise ValueError(row, str(error) or type(error).__name__) from error

    with ThreadPoolExecutor(THREADS) as pool:  # decoding releases the interpreter's lock
        for _ in pool.map(put, range(len(values))):
            pass
    return pixels


def stack(values: Sequence[Any], *, height: int, width: int, channels: int) -> NDArray[np.generic]:
    """Arrays as one, shape (N, H, W, C): uint8 stays, all else becomes float32. Raises ValueError `(row, reason)`."""
    import numpy as np

    arrays = [np.asarray(value) for value in values]
    whole = all(array.dtype == np.uint8 for array in arrays)
    found = np.empty((len(arrays), height, width, channels), np.uint8 if whole else np.float32)
    for row, array in enumerate(arrays):
        if array.size != height * width * channels or not np.issubdtype(array.dtype, np.number):
            raise ValueError(row, f"has the shape {array.shape}, not {(height, width, channels)}")
        found[row] = array.reshape(height, width, channels)
    return found


def shown(value: Any) -> str:
    """An image cell in an error."""
    return str(value) if isinstance(value, (str, Path)) else type(value).__name__
