"""Files that carry a checksum of their content: what is read is what was written, or it is said that it is not.

A JSON object has it as its last field, `checksum`: the CRC-32, 8 hexadecimal digits, of the object without it as
`json.dumps(..., ensure_ascii=False)` writes it. A line of a `.jsonl` file has it the same way, over the bytes before
it. A text ends with the line `# checksum: XXXXXXXX`. Files of older versions have none and are read all the same.

JSON is read strictly, for it may come from anywhere: no constants that JSON does not know, no numbers beyond 20 digits,
no nesting that only exhausts the stack.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunesmith.files import finite, write_atomic

FIELD = "checksum"
MOST_DEPTH = 64
_MOST_DIGITS = 20
_OF_LINE = re.compile(rb', "checksum": "([0-9a-f]{8})"\}$')
_OF_TEXT = re.compile(rb"# checksum: ([0-9a-f]{8})\n\Z")
_COMPACT = json.JSONEncoder(ensure_ascii=False)


class DamagedFileError(ValueError):
    """The content is not what was written; the text says in which way."""


def parse(content: bytes) -> Any:
    """JSON. Raises DamagedFileError."""
    try:
        found = _STRICT.decode(content.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise DamagedFileError("empty" if not content else f"not readable as JSON: {error}") from None
    if content.count(b"[") + content.count(b"{") > MOST_DEPTH and _depth(found) > MOST_DEPTH:
        raise DamagedFileError(f"nested more than {MOST_DEPTH} deep")
    return found


def checksum(body: Mapping[str, Any]) -> str:
    """That of a JSON object."""
    return f"{zlib.crc32(_COMPACT.encode(body).encode('utf-8', 'surrogatepass')):08x}"


def encode(value: Mapping[str, Any]) -> bytes:
    """`value` as indented JSON with its checksum; NaN and infinities travel as strings."""
    body = finite(value)
    text = json.dumps({**body, FIELD: checksum(body)}, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")  # halves of characters as JSON writes them


def decode(content: bytes, *, required: bool = False) -> dict[str, Any]:
    """The inverse of `encode`, without the checksum. Raises DamagedFileError; where there is none, only if that is
    `required`."""
    found = parse(content)
    if not isinstance(found, dict):
        raise DamagedFileError("not a JSON object")
    has_one = FIELD in found
    given = found.pop(FIELD, None)
    if (has_one or required) and given != checksum(found):
        raise DamagedFileError("the checksum does not fit")
    return found


def write_guarded(path: Path, value: Mapping[str, Any], *, durable: bool = True, private: bool = False) -> None:
    """Replace `path` by `value` with its checksum, as `files.write_atomic` does."""
    write_atomic(path, encode(value), durable=durable, private=private)


def is_guarded(content: bytes) -> bool:
    """Whether a good file (JSON or text) carries a checksum: older versions wrote none."""
    return f'"{FIELD}": "'.encode() in content[-100:] or _OF_TEXT.search(content) is not None


def encode_line(body: Mapping[str, Any]) -> bytes:
    """A line of a `.jsonl` file. What no JSON can carry becomes text; NaN and infinities travel as strings."""
    text = json.dumps(finite(body), ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
    return text[:-1] + f', "{FIELD}": "{zlib.crc32(text):08x}"}}\n'.encode()


def decode_line(line: bytes) -> dict[str, Any]:
    """The inverse of `encode_line`, for a line without its end. Raises DamagedFileError."""
    if given := _OF_LINE.search(line):
        line = line[: given.start()] + b"}"
        if int(given[1], 16) != zlib.crc32(line):
            raise DamagedFileError("the checksum does not fit")
    found = parse(line)
    if not isinstance(found, dict):
        raise DamagedFileError("not a JSON object")
    return found


def encode_text(text: str) -> bytes:
    """`text` with its checksum in a last line, which YAML takes for a comment; one that it has already is replaced."""
    content = _OF_TEXT.sub(b"", text.encode("utf-8", "surrogatepass"))
    content += b"" if content.endswith(b"\n") or not content else b"\n"
    return content + f"# checksum: {zlib.crc32(content):08x}\n".encode()


def decode_text(content: bytes) -> str:
    """The inverse of `encode_text`, with the line. Raises DamagedFileError."""
    given = _OF_TEXT.search(content)
    if given and int(given[1], 16) != zlib.crc32(content[: given.start()]):
        raise DamagedFileError("the checksum does not fit")
    try:
        return content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"not UTF-8: {error.reason}") from None


def digest_of(content: bytes) -> str:
    """The SHA-256 by which a guarded file names the content of another file, such as a picture beside metrics.json."""
    import hashlib  # loads OpenSSL, which most commands do not need

    return hashlib.sha256(content).hexdigest()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        containers = [item for item in level if isinstance(item, (dict, list))]
        level = [below for item in containers for below in (item.values() if isinstance(item, dict) else item)]
    return depth


_STRICT = json.JSONDecoder(parse_constant=_refuse, parse_int=_whole)
