"""The pages about the mathematics: what they print is what comes out, and none has drifted from the members."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tunesmith.catalog import Catalog
from tunesmith.train.reference import PAGES, write

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_the_members_say(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](Catalog())


def test_every_member_has_its_section(tmp_path: Path) -> None:
    write(tmp_path)
    catalog = Catalog()
    for name, folder in (
        ("losses.md", catalog.losses),
        ("optimizers.md", catalog.optimizers),
        ("schedules.md", catalog.schedules),
    ):
        headings = re.findall(r"^## (.+)$", (tmp_path / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == list(folder)


def test_the_guides_code_prints_what_it_says() -> None:
    result = doctest.testfile(str(DOCS / "guide.md"), module_relative=False, encoding="utf-8")
    assert result.attempted >= 25
    assert result.failed == 0


def test_the_guides_prose_states_the_right_figures() -> None:
    """The bold figures of the prose are those that the code beneath them prints."""
    text = (DOCS / "guide.md").read_text(encoding="utf-8")
    sections = {part.splitlines()[0]: part for part in text.split("\n## ")[1:]}
    for title, bold, printed in (
        ("The gradient of a perceptron", ("**(3, 1.5)**", "**3**"), "([3.0, 1.5], 3.0)"),
        ("Adam's first step", ("**(1.01, 2.01)**",), "[1.01, 2.01]"),
        ("Mean squared error", ("= 2.5",), "\n2.5\n"),
        ("Binary cross-entropy", ("**0.35667**",), "\n0.35667\n"),
        ("Momentum", ("1.9 times",), "[1.0145, 2.029]"),
    ):
        assert all(figure in sections[title] for figure in bold)
        assert printed in sections[title]
