"""docs/inspections.md, written from the rules themselves.

`python -m tunesmith.inspections.reference` in the repository's root writes it; a test fails where they differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.members import Inspection

PAGE = Path("docs/inspections.md")
PARTS = {
    "1": "Training loop",
    "2": "Evaluation",
    "3": "Loss",
    "4": "Data",
    "5": "Model",
    "6": "Files",
    "7": "Hugging Face",
}
SEVERITIES = {
    "error": "it surely raises or computes something else than it says",
    "warning": "it runs, and what comes out is not what was meant",
    "info": "it works, but costs time or can go wrong",
}
_OPENING = """\
<!-- Written by `python -m tunesmith.inspections.reference` from the rules: change them, not this page. -->

# Inspections

Tunesmith reads training code in Python and points at the classic mistakes: in any editor that speaks LSP while you
type, and on the command line with `tunesmith inspect FILE_OR_FOLDER`. Nothing of the code is run or imported, and torch
is not loaded: the rules look at the syntax tree and follow names through imports and assignments.

- A rule speaks only where the code says so clearly. How often they are wrong is measured on real code:
  [tests/benchmarks](../tests/benchmarks/inspections.md).
- A comment at the end of the line silences one rule, `# tunesmith: ignore[TS101]`, or all, `# tunesmith: ignore`;
  `# noqa` and `# noqa: TS101` do the same.
- A safe fix does what the code is clearly meant to do, and `tunesmith inspect --fix` applies it. The others are offered
  in the editor only.
- In files of tests (pytest, unittest) only rules of severity error are applied.
- A rule that fails on a file, which is a fault of ours, is named and costs only itself.

Codes stay the same from version to version: TS1xx training loop, TS2xx evaluation, TS3xx loss, TS4xx data, TS5xx model,
TS6xx files, TS7xx Hugging Face's transformers. Severities:"""


def render(catalog: Catalog) -> str:
    """The whole page."""
    members = sorted((entry.member for entry in catalog.inspections.values()), key=lambda member: member.code)
    severities = "\n".join(f"- {name}: {meaning}" for name, meaning in SEVERITIES.items())
    table = ["| code | what it finds | severity | fix |", "|---|---|---|---|"]
    table += [
        f"| [{each.code}](#{each.code.lower()}) | {each.help} | {each.severity} | {'yes' if _fixed(each) else ''} |"
        for each in members
    ]
    blocks = [f"{_OPENING}\n\n{severities}", "\n".join(table)]
    part = ""
    for member in members:
        if PARTS[member.code[2]] != part:
            part = PARTS[member.code[2]]
            blocks.append(f"## {part}")
        blocks += section(member)
    return "\n\n".join(blocks) + "\n"


def section(member: Inspection) -> Iterator[str]:
    """The page's section about one rule."""
    yield f"### {member.code}\n\n**{member.name}** ({member.severity}): {member.help}"
    yield member.explanation.strip()
    for mistake in member.bad:
        yield f"Found:\n\n{block(mistake.code)}"
        if mistake.fixed:
            yield f"After the fix:\n\n{block(mistake.fixed)}"
    yield f"Not found:\n\n{block(member.good[0])}"


def hover(member: Inspection) -> str:
    """What an editor shows of one rule, as Markdown."""
    return f"**{member.code} {member.name}**\n\n{member.help}\n\n{member.explanation.strip()}"


def block(code: str) -> str:
    """Code as a block of Markdown."""
    return f"```python\n{code.rstrip()}\n```"


def _fixed(member: Inspection) -> bool:
    return any(mistake.fixed for mistake in member.bad)


def write(page: Path) -> None:
    """Write the page."""
    page.write_text(render(Catalog()), encoding="utf-8")


if __name__ == "__main__":
    write(PAGE)
