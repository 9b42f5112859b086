"""Pictures as people see them: turned as the camera says, on white where they are transparent, in 8 bits a channel.

| stored                                  | becomes                                                                    |
|-----------------------------------------|----------------------------------------------------------------------------|
| EXIF orientation                        | turned and mirrored, as viewers do                                         |
| 16 bits a pixel                         | divided by 257, so that white stays white                                  |
| 32-bit whole numbers                    | as 16 bits where all fit, else divided by 2^24 + 2^16 + 2^8 + 1            |
| floats                                  | 0 to 1, 0 to 255 or 0 to 65,535, the smallest that holds them all          |
| alpha, or a transparent colour          | laid on white                                                              |
| several frames or pages                 | the first; `check` says so                                                 |
| CMYK, YCbCr, palettes                   | converted; colour profiles (ICC) are not applied                           |
"""

from __future__ import annotations

import struct
from typing import Any

GREY = frozenset({"1", "L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
"""Pillow's modes of pictures without colour."""

_ORIENTATION = 0x0112
_TURNED = range(5, 9)  # height and width change places
_DEEP = frozenset({"I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
_WHOLE = (65_535, 2**32 - 1)
_FLOATS = (1.0, 255.0, 65_535.0)


def is_turned(image: Any) -> bool:
    """Whether height and width change places when the opened `image` is shown. Reads no more than the file's head."""
    if image.format == "TIFF" or (image.format == "PNG" and "exif" not in image.info):
        return False  # Pillow turns TIFF by itself; in PNG it would decode all pixels to look for what is hardly there
    return _orientation(image) in _TURNED


def as_seen(image: Any, *, grey: bool) -> Any:
    """The opened `image` as one of mode L (`grey`) or RGB. Raises ValueError for numbers that are no brightness."""
    from PIL import Image, ImageOps

    image.load()
    if _orientation(image) > 1:
        image = ImageOps.exif_transpose(image)
    if image.mode in _DEEP:
        image = _in_8_bits(image)
    elif image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        opaque.alpha_composite(image.convert("RGBA"))
        image = opaque
    return image.convert("L" if grey else "RGB")


def _orientation(image: Any) -> int:
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):  # EXIF that nobody can read
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _in_8_bits(image: Any) -> Any:
    import numpy as np
    from PIL import Image

    values = np.asarray(image)
    if image.mode not in ("I", "F"):
        largest: float = 65_535
    else:
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
        ranges = _WHOLE if image.mode == "I" else _FLOATS
        if image.mode == "I" and low < 0:  # Pillow reads unsigned numbers of 32 bits as signed ones
            values, high = values.astype(np.int64) % 2**32, float(2**32 - 1)
        if not 0 <= low <= high <= ranges[-1] and image.mode == "F":  # also where one is NaN
            raise ValueError(
                f"holds numbers from {low:g} to {high:g}, which are no brightness: hand them over as arrays"
            )
        largest = next(limit for limit in ranges if high <= limit)
    return Image.fromarray(np.rint(values * (255.0 / largest)).astype(np.uint8))
