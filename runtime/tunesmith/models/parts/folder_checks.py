"""Whether a model folder can be what it says, before anything of it is built. No torch: `check` uses it too.

What lies in such a folder was written by others. Sizes are bounded, weight files are compared with their own headers,
and no file may be a way out of the folder.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from tunesmith.errors import Place, TunesmithError
from tunesmith.files import read_regular, real_path

LARGEST_JSON = 64_000_000  # bytes; a header of safetensors may have 100 million
LARGEST_HEADER = 100_000_000
MOST_LABELS = 100_000
MOST_FILES = 10_000
SLACK = 100_000_000  # numbers that a model may have beyond what its files hold: a head that is made anew

SIZES: tuple[tuple[str, int, int], ...] = (
    (r"(num_|n_)?(\w+_)?(layers?|blocks?)|depths?|num_hidden_groups", 0, 2_000),
    (r"vocab_size|\w+_vocab_size", 1, 20_000_000),
    (r"max_position_embeddings|n_positions|n_ctx|max_seq_len", -1, 1_000_000_000),
    (r"(num_|n_)(\w+_)?heads?", 1, 100_000),
    (r"hidden_sizes?|intermediate_size|embedding_size|d_model|d_ff|d_kv|n_embd|n_inner|head_dim|ffn_dim|dim|hidden_dim|"
     r"embed_dims?|num_channels", 1, 1_000_000),
    (r"image_size|patch_size|image_width|image_height", 1, 4_096),
    (r"num_labels", 1, MOST_LABELS),
    (r"num_(local_)?experts", 0, 10_000),
)  # fmt: skip
"""Which keys of a config.json hold sizes, and between what bounds those of any real model lie."""

BYTES = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2,
         "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8}  # fmt: skip


def check_folder(folder: Path, name: str) -> None:
    """Raise the one error that keeps the model in `folder`, which the job calls `name`, from being built.

    Raises model.outside-folder, model.gguf, model.adapter-folder, model.bad-config, model.absurd-size,
    model.quantised-weights and model.damaged-weights.
    """
    refuse_links(folder)
    if any(folder.glob("*.gguf")) and not (folder / "config.json").is_file():
        raise TunesmithError(
            "model.gguf",
            "GGUF files hold quantised weights to be used, not tuned",
            place=Place(file=folder, key="model"),
            found=name,
            hint="take the model that the GGUF file was made from, in transformers' layout",
        )
    if (folder / "adapter_config.json").is_file():
        base = json_object(folder / "adapter_config.json").get("base_model_name_or_path")
        raise TunesmithError(
            "model.adapter-folder",
            "this folder holds an adapter, which is no model by itself",
            place=Place(file=folder / "adapter_config.json", key="model"),
            found=name,
            hint=f"name its base model ({base!s:.80}), or merge the two with peft's merge_and_unload and save that",
        )
    if not (folder / "config.json").is_file():
        return
    config = json_object(folder / "config.json")
    if (folder / "generation_config.json").is_file():
        json_object(folder / "generation_config.json")
    _judge_sizes(config, folder / "config.json")
    _refuse_quantised(config, folder)
    _refuse_named_weights(config, folder / "config.json")
    _judge_against_weights(config, folder / "config.json", _numbers_held(folder))


def refuse_larger(folder: Path, numbers: int) -> None:
    """Raise model.absurd-size where a model of so many numbers cannot come from the weight files in `folder`."""
    held = _numbers_held(folder)
    if numbers > 2 * held + SLACK:
        raise TunesmithError(
            "model.absurd-size",
            "config.json describes a larger model than the weight files hold",
            place=Place(file=folder / "config.json", key="model"),
            found=f"{numbers:,} numbers",
            allowed=(f"the weight files hold {held:,} in all",),
            hint="download the model again; nothing of it was built",
        )


def refuse_links(folder: Path) -> None:
    """Raise model.outside-folder where a file in `folder` is a link to somewhere else.

    In the hub's cache all files are links into the folder beside, with the model's own blobs: those are fine.
    """
    inside = [real_path(folder)]
    if folder.parent.name == "snapshots":
        inside.append(real_path(folder.parent.parent / "blobs"))
    templates = folder / "additional_chat_templates"  # the one folder below that transformers looks into
    entries = chain(folder.iterdir(), templates.iterdir() if templates.is_dir() else ())
    for number, entry in enumerate(entries):
        if number > MOST_FILES:
            raise _outside(folder, "more files than a model has", "name the folder of one model")
        target = real_path(entry)
        if not any(target.is_relative_to(place) for place in inside):
            raise _outside(entry, f"a link to {target}", "copy the file into the model's folder")
        if not (target.is_file() or target.is_dir()):
            raise _outside(entry, "no regular file", "remove it from the model's folder")


def json_object(file: Path) -> dict[str, Any]:
    """The JSON object in `file`, which is not larger than any of its kind. Raises model.bad-config."""
    try:
        found = json.loads(read_regular(file, most=LARGEST_JSON).decode())
    except RecursionError:
        raise bad_file(file, "it is nested too deeply") from None
    except (OSError, ValueError) as error:
        raise bad_file(file, str(error)) from error
    if not isinstance(found, dict):
        raise bad_file(file, f"it holds a {type(found).__name__}, not an object")
    return found


def _judge_sizes(config: Mapping[str, Any], file: Path, depth: int = 0) -> None:
    labels = config.get("id2label")
    if isinstance(labels, Mapping) and len(labels) > MOST_LABELS:
        raise _absurd(file, "id2label", f"{len(labels):,} labels", f"at most {MOST_LABELS:,}")
    size = config.get("image_size")
    if size is not None and not (isinstance(size, (int, float)) or (isinstance(size, list) and len(size) in (1, 2))):
        raise _absurd(file, "image_size", f"{size!r:.40}", "a whole number, or a height and a width")
    for key, value in config.items():
        if isinstance(value, Mapping) and depth < 4 and not key.endswith(("2label", "label2id")):
            _judge_sizes(value, file, depth + 1)
        for pattern, least, most in SIZES:
            if re.fullmatch(pattern, key):
                _judge_size(key, value, least, most, file)
                break


def _judge_size(key: str, value: Any, least: int, most: int, file: Path) -> None:
    """One number, or a list of them; other kinds of value are somebody else's."""
    allowed = f"a whole number from {least} to {most:,}"
    for each in value if isinstance(value, list) else [value]:
        if each is None or isinstance(each, (bool, list, dict)):
            continue
        if isinstance(each, float) and not (math.isfinite(each) and each.is_integer()):
            raise _absurd(file, key, str(each), allowed)
        if isinstance(each, str) or not least <= each <= most:
            raise _absurd(file, key, f"{each!s:.40}", allowed)


def _judge_against_weights(config: Mapping[str, Any], file: Path, held: int) -> None:
    """Tables and layers of more numbers than the weight files have cannot be filled from them."""
    if not held:
        return
    width = _size(config, "hidden_size", "d_model", "n_embd", "dim")
    layers = _size(config, "num_hidden_layers", "n_layer", "n_layers", "num_layers")
    wanted = {
        "vocab_size": _size(config, "vocab_size") * width,
        "num_hidden_layers": layers * width * width // 8,
    }
    for key, numbers in wanted.items():
        if numbers > 2 * held + SLACK:
            raise _absurd(
                file, key, f"{config.get(key)}, {numbers:,} numbers", f"the weight files hold {held:,} in all"
            )


def _size(config: Mapping[str, Any], *keys: str) -> int:
    found = next((config[key] for key in keys if isinstance(config.get(key), int)), 0)
    return int(found)


def _refuse_quantised(config: Mapping[str, Any], folder: Path) -> None:
    found = config.get("quantization_config")
    if not found:
        return
    method = found.get("quant_method") if isinstance(found, Mapping) else None
    raise TunesmithError(
        "model.quantised-weights",
        "the weights of this model are quantised, and quantised weights cannot be tuned here",
        place=Place(file=folder / "config.json", key="model"),
        found=f"{method or 'quantization_config'!s:.40}",
        hint="take the model that it was made from, without quantisation",
    )


def _refuse_named_weights(config: Mapping[str, Any], file: Path) -> None:
    """transformers would read the file or the index of that name instead of those that were judged here."""
    if config.get("transformers_weights") is not None:
        raise bad_file(
            file,
            f"its key transformers_weights names another weight file ({config['transformers_weights']!s:.80})",
            "remove the key, and call the file model.safetensors",
        )


def _numbers_held(folder: Path) -> int:
    """How many numbers the weight files have: of safetensors by their headers, of pickles at most one a byte."""
    held = sum(_numbers_in(file) for file in _weight_files(folder))
    return held or sum(file.stat().st_size for file in folder.glob("pytorch_model*.bin") if file.is_file())


def _weight_files(folder: Path) -> Iterator[Path]:
    """The safetensors files that make the model. Raises model.outside-folder and model.damaged-weights."""
    indexed: set[str] = set()
    for index in (folder / "model.safetensors.index.json", folder / "pytorch_model.bin.index.json"):
        if not index.is_file():
            continue
        parts = json_object(index).get("weight_map")
        if not isinstance(parts, Mapping) or not all(isinstance(part, str) for part in parts.values()):
            raise bad_file(index, "it has no weight_map of names to files")
        for part in sorted(set(parts.values())):
            if part in ("", ".", "..") or re.search(r"[/\\:\0]", part):
                raise _outside(index, f"{part!r:.80} in its weight_map", "name files of the model's own folder")
            if not (folder / part).is_file():
                raise _damaged(folder / part, "the index names it, and it is not there")
            indexed.add(part)
    whole = folder / "model.safetensors"
    names = {*(part for part in indexed if part.endswith(".safetensors")), *([whole.name] if whole.is_file() else [])}
    yield from (folder / name for name in sorted(names))


def _numbers_in(file: Path) -> int:
    """How many numbers a safetensors file holds, by its header, which must fit its length."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if size < 10 or length > min(size - 8, LARGEST_HEADER):
            raise _damaged(file, f"its header should have {length:,} bytes, and the file has {size:,}")
        try:
            header = json.loads(opened.read(length))
        except (ValueError, RecursionError) as error:
            raise _damaged(file, f"its header cannot be read: {error!s:.80}") from error
    if not isinstance(header, dict):
        raise _damaged(file, "its header is no object")
    total, end = 0, 0
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        numbers, stop = _entry(file, name, entry)
        total, end = total + numbers, max(end, stop)
    if end != size - 8 - length:
        raise _damaged(file, f"its header tells of {end:,} bytes of weights, and there are {size - 8 - length:,}")
    return total


def _entry(file: Path, name: str, entry: Any) -> tuple[int, int]:
    """The numbers of one tensor, and where it ends."""
    try:
        shape, (begin, stop), kind = entry["shape"], entry["data_offsets"], entry["dtype"]
        is_whole = all(type(number) is int and number >= 0 for number in (*shape, begin, stop))
    except (KeyError, TypeError, ValueError):
        is_whole = False
    if not is_whole:
        raise _damaged(file, f"its header says nothing that makes sense of {name!r:.80}")
    numbers = math.prod(shape)
    if kind in BYTES and numbers * BYTES[kind] != stop - begin:
        raise _damaged(file, f"{name!r:.80} has {stop - begin:,} bytes, which are not {tuple(shape)!s:.60} of {kind}")
    return numbers, stop


def _outside(file: Path, what: str, hint: str) -> TunesmithError:
    return TunesmithError(
        "model.outside-folder",
        f"{file.name} is no file of the model's own folder: {what}",
        place=Place(file=file, key="model"),
        found=what[:120],
        hint=f"{hint}; nothing outside of it is read or copied",
    )


def bad_file(file: Path, why: str, hint: str = "download the model again") -> TunesmithError:
    """The error for a JSON file of a model's folder that is not what it should be."""
    return TunesmithError(
        "model.bad-config",
        f"{file.name} is not what transformers writes: {why[:200]}",
        place=Place(file=file, key="model"),
        hint=hint,
    )


def _absurd(file: Path, key: str, found: str, allowed: str) -> TunesmithError:
    return TunesmithError(
        "model.absurd-size",
        f"{key} in {file.name} cannot be a size of this model",
        place=Place(file=file, key=key),
        found=found,
        allowed=(allowed,),
        hint="download the model again; nothing of it was built",
    )


def _damaged(file: Path, why: str) -> TunesmithError:
    return TunesmithError(
        "model.damaged-weights",
        f"{file.name} is damaged or cut off: {why}",
        place=Place(file=file, key="model"),
        hint="download it again",
    )
