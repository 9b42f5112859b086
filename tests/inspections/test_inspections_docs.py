"""docs/inspections.md is what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.inspections.engine import LINK, inspect
from tunesmith.inspections.reference import hover, render, write

ROOT = Path(__file__).parents[2]


def test_page_is_what_the_rules_say():
    assert (ROOT / LINK).read_text(encoding="utf-8") == render(Catalog())


def test_every_rule_has_a_section_that_its_findings_link_to(tmp_path):
    write(tmp_path / "page.md")
    sections = re.findall(r"^### (TS\d+)$", (tmp_path / "page.md").read_text(encoding="utf-8"), re.MULTILINE)
    for entry in Catalog().inspections.values():
        assert entry.member.code in sections
        found = [each for each in inspect(entry.member.bad[0].code) if each.code == entry.member.code]
        assert {each.link for each in found} == {f"{LINK}#{entry.member.code.lower()}"}
    assert sections == sorted(entry.member.code for entry in Catalog().inspections.values())


def test_hover_says_what_the_page_says():
    page = render(Catalog())
    for entry in Catalog().inspections.values():
        text = hover(entry.member)
        assert entry.member.explanation.strip() in text
        assert entry.member.explanation.strip() in page
