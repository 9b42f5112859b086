"""What a cell means, whichever reader or callable it comes from. No numpy here: `check` must answer at once.

| holds    | given                                                        | kept as                                    |
|----------|--------------------------------------------------------------|--------------------------------------------|
| text     | text, UTF-8 bytes, number, truth value, date                 | str: `0` is the text "0"                   |
| label    | the same, a list, set or 1-d array, or label to 0 or 1       | str, int, float or bool, list, mapping     |
| number   | number, text, truth value, or a list or array of numbers     | int, float, bool, text, list, array        |
| image    | path, bytes, array, Pillow image, mapping of bytes and path  | str, bytes, array, Pillow image            |
| messages | a list (or array) of mappings, or JSON text of one           | list, str                                  |
| words    | a list or array of texts or numbers, a text with blanks      | list of str                                |
|          | between them, or such a list written out as text             |                                            |
| spans    | a list of mappings or lists, or such a list written as text  | list                                       |

What is missing (None, NaN, pandas' NA and NaT, NaN of decimals) is None everywhere. Numbers of numpy and torch are
numbers: `tensor(1)`, `np.float32(1)`, `1.0` and `1` are one label. True and False are labels of their own ("True",
"False"): a column that mixes them with numbers is refused, because nobody can tell whether True means 1 there.
"""

from __future__ import annotations

import ast
import datetime
import json
import math
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any

Meaning = Callable[[Any], Any]
"""Takes a cell, gives what it means. Raises Refused."""

_UNSEEN = dict.fromkeys((0xFEFF, 0x200B, 0x2060, 0x200E, 0x200F, 0x00AD))
"""Byte-order mark, zero-width space, word joiner, marks of direction, soft hyphen."""

_PLAIN = frozenset({str, int, bool, type(None)})
_WRITTEN = (datetime.date, datetime.time, datetime.timedelta, PurePath)
"""Types whose `str()` is what a reader would write into a table."""


class Refused(ValueError):
    """The cell cannot mean what its column holds; the text is a phrase such as `is a list, not a text`."""


def is_empty(value: Any) -> bool:
    """Whether a cell holds nothing: None, blank text or NaN. A list without members is a value."""
    return (
        value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and value != value)
    )


def text(value: Any) -> str | None:
    """The cell as a text."""
    plain = _scalar(value)
    if type(plain) is str:
        return whole(plain)
    if plain is None:
        return None
    if isinstance(plain, (bool, int, float)):
        return str(plain)
    raise Refused(f"is {_a(value)}, not a text")


def whole(given: str) -> str:
    """The text as it is. Raises Refused where it holds half of a character, which no tokenizer takes."""
    if not given.isascii():
        try:
            given.encode()
        except UnicodeEncodeError:
            raise Refused("holds half of an escaped character (a lone surrogate such as \\ud83d)") from None
    return given


def number(value: Any) -> Any:
    """The cell as a number or several, or as the text that may spell one: the task tells which do not."""
    if type(value) in (float, int, str, bool, list, tuple):
        return value
    if _dimensions(value):
        return _array(value)
    plain = _scalar(value, short=False)
    if plain is None or isinstance(plain, (int, float, str)):
        return plain
    raise Refused(f"is {_a(value)}, not a number")


_WITH_COMMA = r"[+-]?(\d{1,3}(?:[.\s'’]\d{3})+|\d*)(?:,(\d+))?([eE][+-]?\d+)?"


def number_with_comma(value: Any) -> Any:
    """The same where the comma is the decimal sign, and points, spaces or apostrophes part thousands: 1.234,5."""
    found = number(value)
    if isinstance(found, (list, tuple)):
        return [number_with_comma(item) for item in found]
    if not isinstance(found, str):
        return found
    spelt = found.strip()
    match = re.fullmatch(_WITH_COMMA, spelt)
    if match and (match[1] or match[2]):
        return re.sub(r"[.\s'’]", "", spelt).replace(",", ".")
    if "." in spelt and any(sign.isdigit() for sign in spelt):
        raise Refused(f"is {spelt:.40}, which is no number with a decimal comma")
    return found


def image(value: Any) -> Any:
    """The cell as the image itself or the path of one. The datasets library writes images as {bytes, path}."""
    if isinstance(value, Mapping):
        if not {"bytes", "path"} & set(value):
            raise Refused("is a mapping without bytes or path, not an image")
        content = value.get("bytes")
        value = value.get("path") if content is None else content
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, PurePath):
        return str(value)
    if _dimensions(value):
        return _channels_last(value)
    if value is None or isinstance(value, (str, list, tuple)) or hasattr(value, "getbands"):
        return value
    if is_nothing(value):
        return None
    raise Refused(f"is {_a(value)}, not an image")


def messages(value: Any) -> Any:
    """The cell as a conversation: arrays (pandas makes some of lists) as lists, all else as it is."""
    if _dimensions(value):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [messages(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): messages(item) for key, item in value.items()}
    if isinstance(value, str):
        return whole(value)
    return None if is_nothing(value) else value


def words(value: Any) -> list[str] | None:
    """The cell as words or their tags, one each; an empty cell as None."""
    value = _written_list(value)
    if _dimensions(value) == 1:
        value = value.tolist()
    if isinstance(value, str):
        return value.split() or None
    if isinstance(value, (list, tuple)):
        return [_word(item) for item in value]
    if is_nothing(value):
        return None
    raise Refused(f"is {_a(value)}, not a list of words")


def _word(value: Any) -> str:
    """One word or tag; 3.0 among whole numbers is the tag 3."""
    plain = _scalar(value)
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    return text(plain) or ""


def spans(value: Any) -> Any:
    """The cell as a list of spans: arrays as lists, all else as it is. A text that spells no list of lists or mappings
    is a text."""
    found = _written_list(value, begins=("[", "{"))
    if isinstance(value, str) and not (
        isinstance(found, dict) or (isinstance(found, list) and all(isinstance(item, (list, dict)) for item in found))
    ):
        return whole(value)
    return messages(found)


def _written_list(value: Any, begins: tuple[str, ...] = ("[",)) -> Any:
    """A list that was written into a text cell, as JSON or as Python writes it; all else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(begins):
        return value
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, (list, dict)):
            return found
    return value


class Labels:
    """The meaning of a label column. It remembers what it met, to refuse truth values among numbers."""

    def __init__(self) -> None:
        self._kind = ""

    def __call__(self, value: Any) -> Any:
        if isinstance(value, (set, frozenset)):
            return sorted((self._one(item) for item in value), key=str)
        if _dimensions(value) == 1 or isinstance(value, (list, tuple)):
            return [self._one(item) for item in value]
        if isinstance(value, Mapping):
            return {str(name): self._one(item) for name, item in value.items()}
        return self._one(value)

    def _one(self, value: Any) -> Any:
        plain = _scalar(value)
        if type(plain) is str:
            return whole(plain)
        if plain is None:
            return None
        if not isinstance(plain, (bool, int, float)):
            raise Refused(f"is {_a(value)}, not a label")
        kind = "truth values" if isinstance(plain, bool) else "numbers"
        self._kind = self._kind or kind
        if kind != self._kind:
            raise Refused(f"is {plain} where rows before it hold {self._kind}")
        return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def label_name(value: Any) -> str:
    """A label's name: `1`, `1.0` and "1" are the same label.

    Marks that nobody sees (byte-order mark, zero-width space) are left out; a letter and its accent are one character.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    name = str(value)
    if not name.isascii():
        name = unicodedata.normalize("NFC", name.translate(_UNSEEN))
    return name.strip()


def meaning(holds: str, *, decimal: str = ".") -> Meaning:
    """How a column that `holds` text, label, number, image, messages, words or spans is read; `decimal` is the sign in
    numbers."""
    meanings: Mapping[str, Callable[[], Meaning]] = {
        "text": lambda: text,
        "label": Labels,
        "number": lambda: number_with_comma if decimal == "," else number,
        "image": lambda: image,
        "messages": lambda: messages,
        "words": lambda: words,
        "spans": lambda: spans,
    }
    return meanings[holds]()


def is_nothing(value: Any) -> bool:
    """Whether this is one of the values that stand for no value: None, NaN, pandas' NA and NaT."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (type(value) is float and value != value)


def _is_uuid(value: Any) -> bool:
    """Asked without importing uuid, which takes time: where nobody has, there is none."""
    module = sys.modules.get("uuid")
    return module is not None and isinstance(value, module.UUID)


def _scalar(value: Any, *, short: bool = True) -> Any:
    """A single value as Python's own: str, bool, int, float, or None for nothing; `value` where it is no such thing.

    `short`: a float of few bits is the shortest number that is spelt like it, so that float32(0.1) is 0.1.
    """
    if type(value) in _PLAIN:
        return value
    if type(value) is float:
        return None if math.isnan(value) else value
    if is_nothing(value):
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(f"holds bytes that are no UTF-8 text (0x{bytes(value)[error.start]:02X})") from None
    if isinstance(value, Enum):
        return _scalar(value.value, short=short)
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None if value.is_nan() else float(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, _WRITTEN) or _is_uuid(value):
        return str(value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return _of_array(value, short=short)
    return _scalar(float(value), short=short) if isinstance(value, float) else value


def _of_array(value: Any, *, short: bool) -> Any:
    """A scalar of numpy, or an array or tensor without dimensions."""
    value = _array(value)
    kind = value.dtype.kind
    if kind in "mM":  # item() gives nanoseconds
        written = str(value)
        return None if written == "NaT" else written
    plain = value.item()
    if kind == "f":
        if plain != plain:
            return None
        return float(str(value[()])) if short and value.dtype.itemsize < 8 else float(plain)
    return _scalar(plain) if kind in "biuSUO" else plain


def _dimensions(value: Any) -> int:
    """How many dimensions an array, a tensor or a Series has; 0 for all else."""
    return len(value.shape) if hasattr(value, "tolist") and hasattr(value, "shape") else 0


def _array(value: Any) -> Any:
    """As numpy's, on the processor."""
    if not hasattr(value, "detach"):
        return value.to_numpy() if hasattr(value, "to_numpy") else value
    tensor = value.detach().cpu()
    try:
        return tensor.numpy()
    except TypeError:  # bfloat16 and smaller: numpy has no such numbers
        return tensor.float().numpy()


def _channels_last(value: Any) -> Any:
    """An image's array: torch puts channels first (C, H, W), numpy and files put them last."""
    array = _array(value)
    if hasattr(value, "detach") and array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        return array.transpose(1, 2, 0)
    return array


def _a(value: Any) -> str:
    """What a value is, in a sentence."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, (set, frozenset)):
        return "a set"
    if _dimensions(value):
        return f"an array of shape {tuple(value.shape)}"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
