"""Images from files, bytes or arrays to one array of equal pictures. N images, H by W pixels, C channels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tunesmith.data.limits import HINT, USUAL
from tunesmith.errors import TunesmithError, missing_extra
from tunesmith.tasks.parts.decoding import GREY, as_seen, is_turned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


class BadImageError(ValueError):
    """An image that cannot be read; the text says why."""


def head_of(value: Any, *, most: int | None = USUAL.pixels) -> Head:
    """The head of one image, as it will be seen; no more than that is read of a file.

    Raises BadImageError, also for more than `most` pixels.
    """
    if is_array(value):
        shape = tuple(getattr(value, "shape", ()) or _shape(value))
        if len(shape) == 1:
            return Head(1, int(shape[0]), 1)
        return Head(int(shape[0]), int(shape[1]), int(shape[2]) if len(shape) > 2 else 1)
    with _opened(value, most) as image:
        return _head(image)


def _head(image: Any) -> Head:
    height, width = (image.width, image.height) if is_turned(image) else (image.height, image.width)
    return Head(height, width, 1 if image.mode in GREY else 3, bool(getattr(image, "is_animated", False)))


def _shape(value: Any) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, (list, tuple)) else ()


_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for files that are not what they say."""


@contextmanager
def _opened(value: Any, most: int | None) -> Iterator[Any]:
    """The image of a file, of bytes, or one that is open already. Whatever is wrong with it is a BadImageError."""
    try:
        from PIL import Image
    except ImportError:
        raise missing_extra("images", "pillow", "Reading images") from None
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit cannot be raised by a job; ours can
    try:
        with _open(value) as image:
            if most is not None and image.width * image.height > most:
                raise BadImageError(f"has {image.width:,} by {image.height:,} pixels, more than {most:,}; {HINT}")
            yield image
    except (TunesmithError, BadImageError):
        raise
    except _DAMAGED as error:
        raise BadImageError(str(error) or type(error).__name__) from error


def _open(value: Any) -> Any:
    from PIL import Image

    if isinstance(value, Image.Image):
        return value.copy()
    return Image.open(io.BytesIO(value) if isinstance(value, bytes) else value)


def examined(values: Sequence[Any], *, channels: int, most: int | None = USUAL.pixels) -> list[Head | str]:
    """The head of each image after its pixels were read as `decode` reads them, or why they cannot be."""

    def one(value: Any) -> Head | str:
        try:
            if not isinstance(value, str):
                return _examine(value, channels, most)
            status = Path(value).stat()
            return _examine_file(value, channels, most, status.st_size, status.st_mtime_ns)
        except (OSError, BadImageError) as error:
            return str(error)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, values))


def _examine(value: Any, channels: int, most: int | None) -> Head | str:
    with _opened(value, most) as image:
        head = _head(image)
        as_seen(image, grey=channels == 1)
        return head


@lru_cache(maxsize=1 << 16)
def _examine_file(path: str, channels: int, most: int | None, size: int, changed_ns: int) -> Head | str:
    """What was found in a file that has not changed since: `check` reads it twice."""
    try:
        return _examine(path, channels, most)
    except BadImageError as error:
        return str(error)


def decode(
    values: Sequence[Any], *, height: int, width: int, channels: int, most: int | None = USUAL.pixels
) -> NDArray[np.uint8]:
    """Files or bytes as they are seen, scaled to fit: uint8, shape (N, H, W, C).

    Raises ValueError `(row, reason)` for a bad one.
    """
    import numpy as np

    pixels = np.empty((len(values), height, width, channels), np.uint8)

    def put(row: int) -> None:
        from PIL import Image

        try:
            with _opened(values[row], most) as image:
                fitted = as_seen(image, grey=channels == 1)
                if fitted.size != (width, height):
                    fitted = fitted.resize((width, height), Image.Resampling.BILINEAR)
                pixels[row] = np.asarray(fitted).reshape(height, width, channels)
        except BadImageError as error:
            raise ValueError(row, str(error)) from error

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
