"""Builds the site of the documentation, English and Chinese, into target/site/html.

    python3 tools/docs_site.py            # build it; ends with an error where a link or an anchor leads nowhere
    python3 tools/docs_site.py --serve    # and show it on this machine

Pages keep their places in the repository, so that links between them hold there, on the site and on GitHub alike.
Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from environment import ROOT, call, uv_command

SITE = ROOT / "target" / "site"
PAGES = (
    "*.md",
    "LICENSE",
    "docs/**/*.md",
    "docs/**/*.png",
    "docs/**/*.json",
    "tests/benchmarks/*.md",
    "tests/benchmarks/*.tsv",
)
LINK_TO_FOLDER = re.compile(r"\]\(([^):]+/)\)")


def assemble(target: Path) -> None:
    """Everything that MkDocs needs in `target`: mkdocs.yml with all pages, and the pages in `target/source`."""
    source = target / "source"
    shutil.rmtree(source, ignore_errors=True)
    for file in sorted(file for pattern in PAGES for file in ROOT.glob(pattern)):
        copy = source / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            text = file.read_text(encoding="utf-8")
            copy.write_text(LINK_TO_FOLDER.sub(r"](\1index.md)", text), encoding="utf-8")
            for folder in LINK_TO_FOLDER.findall(text):
                _list_folder(file.parent / folder, copy.parent / folder)
        else:
            shutil.copy(file, copy)
    template = (ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    lines = [written for line in template for written in _written_out(line)]
    (target / "mkdocs.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _list_folder(folder: Path, copy: Path) -> None:
    """A page for a folder that a link leads to, with what lies there."""
    files = sorted(folder.glob("*.md"))
    titles = [file.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ") for file in files]
    copy.mkdir(parents=True, exist_ok=True)
    rows = [f"- [{title}]({file.name})" for file, title in zip(files, titles, strict=True)]
    (copy / "index.md").write_text(f"# {folder.name}\n\n" + "\n".join(rows) + "\n", encoding="utf-8")


def _written_out(line: str) -> Iterator[str]:
    """A line of mkdocs.yml; one with a pattern as a line for each file."""
    indent, dash, pattern = line.partition("- ")
    if not dash or "*" not in pattern or indent.strip():
        yield line
        return
    for file in sorted(ROOT.glob(pattern)):
        yield f"{indent}- {file.relative_to(ROOT).as_posix()}"


def main() -> None:
    """Builds or serves; MkDocs' exit status is this one's."""
    assemble(SITE)
    place = SITE / "environment"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        call([*uv_command(), "venv", "--quiet", "--python", sys.executable, str(place)])
    group = f"{ROOT / 'pyproject.toml'}:site"
    call([*uv_command(), "pip", "install", "--quiet", "--python", str(python), "--group", group])
    action = "serve" if "--serve" in sys.argv[1:] else "build"
    call([str(python), "-m", "mkdocs", action, "--config-file", str(SITE / "mkdocs.yml")])
    print(f"The site begins at {SITE / 'html' / 'index.html'}")


if __name__ == "__main__":
    main()
