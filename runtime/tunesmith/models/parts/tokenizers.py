"""How a folder's model reads text, as transformers reads it, without torch: asked of transformers once, then kept.

Asking takes a second in a process of its own. The answer is kept under the user's cache folder, by the content of the
folder's files and the versions of both libraries; it may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tunesmith.contracts.model import Languages, TextFormat
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import read_regular, write_atomic
from tunesmith.guarded import DamagedFileError, decode_line, encode_line
from tunesmith.models.parts.sentence_folders import sentence_format

FORMAT = 5
KEPT = 32
"""Answers kept; the oldest go first."""
READING_S, READING_BYTES = 120.0, 6 << 30
LARGEST_FILE = 256_000_000  # bytes; the largest tokenizer.json of a real model has 33 million
COUNT_FROM_PADDING = ("roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "xmod", "xlm-roberta-xl")
"""Their first position is padding_idx + 1, so that many positions can hold no token."""

VOCABULARIES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "tekken.json",
    "tokenizer.model",
    "tiktoken.model",
    "spiece.model",
    "spm.model",
    "sentencepiece.model",
    "sentencepiece.bpe.model",
)
SETTINGS = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    "chat_template.jinja",
    "chat_template.json",
    "bpe.codes",
)
TOKENIZER_FILES = (*VOCABULARIES, *SETTINGS)
"""What belongs to a tokenizer, of any kind."""
MODEL_FILES = ("config.json", "generation_config.json")


def text_format(folder: Path) -> TextFormat | None:
    """The tokenizer of a model folder with its settings, template and limits; None where it has no vocabulary.

    Raises TunesmithError model.broken-tokenizer.
    """
    if not any((folder / name).is_file() for name in VOCABULARIES):
        return None
    from tokenizers import Tokenizer

    found = _answer(folder)
    tokenizer = Tokenizer.from_buffer(found["tokenizer"])
    tokenizer.encode_special_tokens = found["splits_special_tokens"]
    own = TextFormat(
        tokenizer=tokenizer,
        chat_template=found["chat_template"],
        special_tokens=found["special_tokens"],
        window=found["longest"],
        sentence=sentence_format(folder),
        languages=_languages(found["languages"]),
    )
    return within(own, found["sizes"])


def _languages(found: Mapping[str, Any] | None) -> Languages | None:
    if found is None:
        return None
    source, target = ((tuple(before), tuple(after)) for before, after in (found["source"], found["target"]))
    return Languages(tokens=found["tokens"], source=source, target=target)


def within(text: TextFormat, sizes: Mapping[str, Any]) -> TextFormat:
    """`text` with the limits and tokens of the model that reads it; see `_folder_reader.sizes_of`."""
    return replace(
        text,
        window=_window(sizes, text.window),
        reach=sizes.get("reach"),
        vocabulary=sizes.get("vocab_size"),
        begin=sizes.get("bos_token_id"),
        ends=tuple(sizes.get("ends") or ()),
    )


def _window(sizes: Mapping[str, Any], longest: int | None) -> int | None:
    """The longest input in tokens: what the positions allow, or less if the tokenizer's settings say so."""
    positions = sizes.get("max_position_embeddings")
    if isinstance(positions, int) and sizes.get("model_type") in COUNT_FROM_PADDING:
        positions -= (sizes.get("pad_token_id") or 0) + 1
    limits = [limit for limit in (positions, longest) if isinstance(limit, int) and limit > 0]
    return min(limits) if limits else None


def _answer(folder: Path) -> dict[str, Any]:
    place = _cache_folder() / f"{_key(folder)}.txt"
    with suppress(OSError, DamagedFileError):
        return _kept(place.read_bytes())
    asked = _ask(folder)
    found = {**asked, "tokenizer": asked["tokenizer"].encode()}
    with suppress(OSError):  # a home that cannot be written to costs a second each time, nothing else
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(place, _to_keep(found), durable=False, private=True)
        others = sorted(place.parent.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[KEPT:]:
            old.unlink(missing_ok=True)
    return found


def _to_keep(found: Mapping[str, Any]) -> bytes:
    """An answer as a file: a line of JSON, then the tokenizer, which is JSON too and far larger, as it is."""
    tokenizer: bytes = found["tokenizer"]
    return encode_line({**found, "tokenizer": zlib.crc32(tokenizer)}) + tokenizer


def _kept(content: bytes) -> dict[str, Any]:
    """The inverse. Raises DamagedFileError."""
    line, _, tokenizer = content.partition(b"\n")
    found = decode_line(line)
    if found.get("tokenizer") != zlib.crc32(tokenizer):
        raise DamagedFileError("the checksum does not fit")
    return {**found, "tokenizer": tokenizer}


def _ask(folder: Path) -> dict[str, Any]:
    from tunesmith.confined import BeyondLimits, Confined, RefusedRequest
    from tunesmith.models.parts.folder_checks import bad_file

    reader = Confined("tunesmith.models.parts.folder_reader:read_alone", time_s=READING_S, memory_bytes=READING_BYTES)
    try:
        found: dict[str, Any] = reader.ask(str(folder))
    except BeyondLimits as error:
        reasons = {
            "time": f"reading it took more than {READING_S:g} s",
            "memory": f"reading it took more than {READING_BYTES >> 30} GB of memory",
            "crash": "the process that read it died",
        }
        raise _broken(folder, reasons[error.limit]) from error
    except RefusedRequest as error:
        if error.kind == "BadConfigError":
            raise bad_file(folder / "config.json", str(error)) from error
        raise _broken(folder, str(error)) from error
    finally:
        reader.close()
    return found


def _broken(folder: Path, why: str) -> TunesmithError:
    hint = "download the tokenizer's files again, or name another folder under model: tokenizer"
    if not (folder / "tokenizer.json").is_file():
        if any(folder.glob("*.spm")):
            hint = (
                "convert it to a tokenizer.json once, or choose a model that has one: this kind is read by Python code"
            )
        elif any(folder.glob("*.model")):
            hint = "pip install sentencepiece protobuf, or save it once as tokenizer.json with transformers"
    return TunesmithError(
        "model.broken-tokenizer",
        f"transformers cannot read the tokenizer of this model: {why[:300]}",
        place=Place(file=folder),
        hint=hint,
    )


def _key(folder: Path) -> str:
    """Of everything that decides the answer."""
    digest = hashlib.blake2b(digest_size=20)
    digest.update(repr((FORMAT, _libraries())).encode())
    files = {folder / name for name in (*TOKENIZER_FILES, *MODEL_FILES)}
    for pattern in ("*.model", "tokenizer.*.json", "additional_chat_templates/*.jinja"):
        files.update(folder.glob(pattern))
    for path in sorted(files):
        if path.is_file():
            try:
                content = read_regular(path, most=LARGEST_FILE)
            except OSError as error:
                raise _broken(folder, str(error)) from error
            digest.update(f"{path.name} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


@cache
def _libraries() -> tuple[str, str]:
    """Which tokenizers and which transformers this is; nothing of the latter is imported.

    The beginning of a package holds its version. Asking importlib.metadata takes ten times longer.
    """
    from tokenizers import __version__

    transformers = find_spec("transformers")
    assert transformers is not None
    assert transformers.origin is not None
    return __version__, hashlib.sha256(Path(transformers.origin).read_bytes()).hexdigest()


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path(os.path.expanduser("~/.cache"))) / "tunesmith" / "tokenizers"  # noqa: PTH111
