"""How much text a tokenizer's own rules may make of a text.

A rule that writes twenty letters for one is a few bytes in a file, and eight of them one after the other fill any
memory. Tokenizers of real models write a handful.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MOST = 1000
"""Characters that the rules of a tokenizer may write for one."""


class GrowingTextError(ValueError):
    """A tokenizer makes far more text of a text than any real one."""


def refuse_growth(tokenizer_json: str) -> None:
    """Raise GrowingTextError where what a tokenizer writes for one character or token has no reasonable bound."""
    found = json.loads(tokenizer_json)
    for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        times = _growth(found.get(part))
        if times > MOST:
            raise GrowingTextError(f"its {part} writes up to {times:,} characters for one, more than {MOST:,}")


def _growth(rule: Any) -> int:
    if not isinstance(rule, Mapping):
        return 1
    times = 1
    for step in [each for value in rule.values() if isinstance(value, list) for each in value]:
        times *= _growth(step)  # a sequence of rules: each works on what those before it wrote
    kind = rule.get("type")
    if kind == "Replace":
        times *= max(1, len(rule["content"]))
    elif kind == "Prepend":
        times *= 1 + len(rule["prepend"])
    elif kind == "TemplateProcessing":
        specials = rule["special_tokens"].values()
        times *= max(1, sum(len(token["ids"]) for token in specials) * len(rule["pair"]))
    return times
