"""Folds the entries of docs/errors.d/*.md into docs/errors.md, sorted by code, and removes them there.

Several people can add codes at once in files of their own; nobody sorts by hand. Run: python3 tools/errors_page.py
"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
HEAD = """# Errors

Every error, warning and finding has a code that stays the same from version to version. Here is what each one means
and how to mend it. The message itself names the place, what was found and what is allowed.
"""


def main() -> None:
    """Rewrite the page. Of two entries for one code the longer one is kept."""
    entries: dict[str, str] = {}
    page = DOCS / "errors.md"
    parts = sorted((DOCS / "errors.d").glob("*.md"))
    for file in [page, *parts]:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for code, body in re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL):
            if len(body.strip()) > len(entries.get(code, "")):
                entries[code] = body.strip()
    page.write_text(HEAD + "".join(f"\n## {code}\n{entries[code]}\n" for code in sorted(entries)), encoding="utf-8")
    for part in parts:
        part.unlink()
    if (DOCS / "errors.d").exists():
        (DOCS / "errors.d").rmdir()


if __name__ == "__main__":
    main()
