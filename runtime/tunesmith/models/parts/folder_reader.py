"""How transformers itself reads a folder's text: the one place that asks it. Runs where torch need not be.

Which class reads a folder, what it makes of its settings and which of its files it trusts changes from one version of
transformers to the next, so nothing of it is done again here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tunesmith.files import read_json
from tunesmith.models.parts.text_growth import refuse_growth

WITHOUT = ("torch", "torchvision", "tensorflow", "jax", "flax", "sklearn", "scipy", "pandas", "PIL")
"""Not needed to read a tokenizer, and slow to import."""
NO_LIMIT = 1_000_000  # transformers says 1e30 where a tokenizer knows no limit


class BadConfigError(ValueError):
    """The values of a config.json do not go together."""


def read_alone(folder: str) -> dict[str, Any]:
    """`read`, in a process that does nothing else: what is slow to import is kept out of it."""
    for name in WITHOUT:
        sys.modules[name] = None  # type: ignore[assignment]
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    return read(folder)


def read(folder: str) -> dict[str, Any]:
    """The tokenizer, template, special tokens and sizes of the model in `folder`: JSON values, see `_tokenizers`.

    Raises what transformers raises, BadConfigError where that is config.json's fault, and GrowingTextError. Code that
    lies in the folder is never run.
    """
    from transformers.models.auto.tokenization_auto import AutoTokenizer

    sizes = _sizes(Path(folder))
    if (Path(folder) / "config.json").is_file():
        loaded = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    else:
        from transformers.tokenization_utils_tokenizers import TokenizersBackend

        settings = read_json(Path(folder) / "tokenizer_config.json")
        auto = AutoTokenizer if settings.get("tokenizer_class") else TokenizersBackend
        loaded = auto.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    backend = getattr(loaded, "backend_tokenizer", None)
    if backend is None:
        raise NotImplementedError(f"transformers reads it with {type(loaded).__name__}, which is written in Python")
    added = {token.content for token in backend.get_added_tokens_decoder().values()}
    if len(set(backend.get_vocab()) - added) < 2:  # T5 has a piece for a space of its own
        # transformers makes an empty one where the file it looks for is not there
        raise ValueError(f"{type(loaded).__name__} finds no vocabulary in this folder, only special tokens")
    backend.no_padding()
    backend.no_truncation()
    cuts = backend.to_str()
    refuse_growth(cuts)
    longest = loaded.model_max_length
    templates = loaded.chat_template
    if isinstance(templates, dict):
        templates = templates.get("default")
    return {
        "tokenizer": cuts,
        "splits_special_tokens": bool(backend.encode_special_tokens),
        "special_tokens": {
            role: str(text) for role, text in loaded.special_tokens_map.items() if not isinstance(text, (list, dict))
        },
        "chat_template": templates,
        "longest": int(longest) if 0 < longest < NO_LIMIT else None,
        "sizes": sizes,
        "languages": _languages(loaded),
    }


def _languages(loaded: Any) -> dict[str, Any] | None:
    """The languages that its tokens can name, and where in a text it names them: null for the language's token."""
    if not hasattr(loaded, "set_tgt_lang_special_tokens"):
        return None
    named = {text for text in loaded.special_tokens_map.values() if isinstance(text, str)}
    numbers = {str(token): loaded.convert_tokens_to_ids(str(token)) for token in loaded.all_special_tokens}
    tokens = {code: number for code, number in numbers.items() if code not in named and number != loaded.unk_token_id}
    if not tokens:
        return None
    code = next(iter(tokens))
    found: dict[str, Any] = {"tokens": tokens}
    for side, switch in (("source", "set_src_lang_special_tokens"), ("target", "set_tgt_lang_special_tokens")):
        getattr(loaded, switch)(code)
        around = (list(loaded.prefix_tokens), list(loaded.suffix_tokens))
        found[side] = [[None if number == tokens[code] else number for number in part] for part in around]
    return found


def _sizes(folder: Path) -> dict[str, Any]:
    """Of the model beside the tokenizer, defaults of its architecture included; nothing where it has none.

    Raises BadConfigError where its values do not go together.
    """
    if not (folder / "config.json").is_file():
        return {}
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except StrictDataclassError as error:
        raise BadConfigError(str(error)) from error
    except (ValueError, KeyError, OSError):
        return {}  # an architecture that this transformers does not know: the loader reports it
    return sizes_of(config, read_json(folder / "generation_config.json").get("eos_token_id"))


def sizes_of(config: Any, generation_end: Any) -> dict[str, Any]:
    """What decides how long a text may be, which tokens the model knows and which of them end a text.

    `reach`: how far back layers with sliding attention look, if there are any. `ends`: the configuration's end token,
    then the one or several of its settings for generation; a number that is no token ends nothing.
    """
    text = config.get_text_config()
    names = ("max_position_embeddings", "pad_token_id", "vocab_size", "bos_token_id")
    kinds = getattr(text, "layer_types", None)
    reach = getattr(text, "sliding_window", None)
    slides = kinds is None or any("sliding" in str(kind) for kind in kinds)
    ends = [getattr(text, "eos_token_id", None), generation_end]
    known = getattr(text, "vocab_size", None)
    vocabulary = range(known if isinstance(known, int) else 1 << 31)
    return {
        "model_type": text.model_type,
        **{name: getattr(text, name, None) for name in names},
        "reach": reach if isinstance(reach, int) and reach > 0 and slides else None,
        "ends": list(dict.fromkeys(token for end in ends for token in _tokens(end) if token in vocabulary)),
    }


def _tokens(end: Any) -> list[int]:
    """One token or a list of them, as configurations write it."""
    given = end if isinstance(end, list) else [end]
    return [token for token in given if isinstance(token, int) and not isinstance(token, bool)]
