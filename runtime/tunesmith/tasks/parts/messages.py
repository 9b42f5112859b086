"""Conversations as data files write them, and the one form that templates read: a list of {role, content}."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool"}
"""What the plain template calls those who speak."""
KNOWN = (*ROLES, "developer", "function", "ipython", "tool_call", "tool_response", "documents", "environment")
"""Roles that some chat template knows; another one is rather a slip of the pen than a speaker."""
SHAREGPT = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bard": "assistant",
    "model": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "tool_response": "tool",
    "function_call": "assistant",
}
"""Who speaks, in conversations of {from, value}."""
MARKS = ("weight", "train")
"""Keys of a message that say whether it is learnt; no template reads them."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`messages` as a template takes them; `masked` are the numbers of assistant's messages that must not be learnt."""

    messages: list[dict[str, Any]]
    masked: frozenset[int]

    def texts(self) -> list[str]:
        """What is said, message by message; of parts only the texts."""
        return [text for message in self.messages if (text := text_in(message.get("content")))]


def conversation_of(cell: Any) -> Conversation:
    """A cell as a conversation: a list of {role, content} or of {from, value}, or the same as JSON text.

    Keys without a value are left out, as transformers does: parquet fills every message up with all keys. Raises
    ValueError with a phrase.
    """
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (json.JSONDecodeError, RecursionError):
            raise ValueError("is neither a list of messages nor JSON of one") from None
    cell = plain(cell)
    if isinstance(cell, dict) and isinstance(cell.get("messages"), list):
        cell = cell["messages"]
    if not isinstance(cell, list) or not cell or not all(isinstance(message, dict) for message in cell):
        raise ValueError("is not a list of messages")
    messages, masked = [], set()
    for number, found in enumerate(cell):
        message = {key: value for key, value in found.items() if value is not None}
        if "role" not in message and "from" in message:
            message = _from_sharegpt(message)
        role = message.get("role")
        if role not in KNOWN:
            raise ValueError(f"has a message with the role {role!r:.60}, not one of {', '.join(KNOWN)}")
        if not _is_learnt(message):
            masked.add(number)
        content = message.get("content")
        if isinstance(content, (int, float)):
            message["content"] = content = str(content)
        if content is None and not (role == "assistant" and message.get("tool_calls")):
            raise ValueError("has a message without content")
        if not isinstance(content, (str, list, type(None))):
            raise ValueError(f"has a message whose content is neither text nor a list of parts: {content!r:.60}")
        messages.append({key: value for key, value in message.items() if key not in MARKS})
    return Conversation(messages, frozenset(masked))


def text_in(content: Any) -> str:
    """The text of a message's content: a text, or the texts among its parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def plain(value: Any) -> Any:
    """`value` of plain JSON types, whatever a reader made it of: arrays become lists, NumPy's numbers Python's."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def _from_sharegpt(message: Mapping[str, Any]) -> dict[str, Any]:
    speaker = message["from"]
    if speaker not in SHAREGPT:
        raise ValueError(f"has a message from {speaker!r}, not one of {', '.join(SHAREGPT)}")
    rest = {key: value for key, value in message.items() if key not in ("from", "value")}
    return {"role": SHAREGPT[speaker], "content": message.get("value"), **rest}


def _is_learnt(message: Mapping[str, Any]) -> bool:
    """What `weight` (OpenAI's) or `train` (Axolotl's) of a message says. Raises ValueError for what is neither."""
    for key in MARKS:
        mark = message.get(key, 1)
        if mark not in (0, 1):
            raise ValueError(f"has a message with {key}: {mark!r}; only 0 and 1 are possible")
        if not mark:
            return False
    return True
