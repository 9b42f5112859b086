"""The types of semantic tokens that the server uses, by LSP's names; tokens name them by number."""

from __future__ import annotations

from typing import Literal, get_args

TokenType = Literal["namespace", "property", "class", "function", "number", "keyword", "string", "comment"]
TOKEN_TYPES: tuple[TokenType, ...] = get_args(TokenType)
