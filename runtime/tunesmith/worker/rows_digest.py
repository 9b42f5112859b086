"""A fingerprint of rows by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tunesmith.data.rows import Rows


def rows_digest(rows: Rows) -> str:
    """Hex digest of all values by column, in order: equal rows give equal digests, whatever file they came from."""
    digest = hashlib.blake2b(digest_size=20)
    for name in sorted(rows.columns):
        digest.update(f"\x1e{name}\x1e".encode())
        for value in rows.columns[name]:
            _add(digest, value)
    return digest.hexdigest()


def _add(digest: Any, value: Any) -> None:
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            _add(digest, key)
            _add(digest, value[key])
    elif hasattr(value, "tobytes"):
        digest.update(value.tobytes())
    elif isinstance(value, Sequence):
        digest.update(len(value).to_bytes(8, "little"))
        for item in value:
            _add(digest, item)
    else:
        _add(digest, f"{type(value).__name__} {value!r}")
