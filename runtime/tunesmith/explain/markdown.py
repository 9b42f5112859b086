"""Markdown made of what others wrote: names, labels and texts stand in it as they are, and act as nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tunesmith import shown

# What Markdown or HTML would act on; of an address, what makes a link of it.
_SIGNS = re.compile(r"[\\`*_\[\]<>|#&~$]|(?<=:)(?=//)|(?<=\bwww)\.|@")


def escape(text: object) -> str:
    """`text` without effect, in one line."""
    flat = shown.line(" ".join(str(text).split()))
    return _SIGNS.sub(lambda found: f"\\{found[0]}" if found[0] else "\\", flat)


def code(text: object) -> str:
    """`text` as code inside of a line, whatever quotes it holds."""
    flat = shown.line(" ".join(str(text).split()))
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}" if longest else f"{fence}{flat}{fence}"


def table(header: Sequence[str], lines: Sequence[Sequence[object]], *, right: bool = False) -> str:
    """A table; `right`: all columns but the first are flush right."""
    rule = ["---", *["---:" if right else "---"] * (len(header) - 1)]
    rows: list[Sequence[object]] = [[escape(name) for name in header], rule]
    rows += [[cell if isinstance(cell, _Made) else escape(cell) for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def code_cell(text: object) -> str:
    """`code`, for a cell of a table."""
    return _Made(code(text).replace("|", "\\|"))


class _Made(str):
    """Text of a cell that is Markdown already."""

    __slots__ = ()


def front_matter(fields: dict[str, Any]) -> str:
    """The block of YAML at the top of a page, between its lines of dashes."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 1 << 20
    written = StringIO()
    yaml.dump(fields, written)
    return f"---\n{written.getvalue()}---"
