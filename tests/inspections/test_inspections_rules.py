"""One suite over the whole folder of rules: what each says of itself is what happens."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tunesmith.catalog import Catalog
from tunesmith.inspections.contract import Finding
from tunesmith.inspections.engine import inspect
from tunesmith.inspections.text import Text

RULES = Catalog().inspections
MARK = re.compile(r"#\s*((?:TS\d{3}(?:,\s*)?)+)$")
BAD = [
    pytest.param(name, mistake, id=f"{name}-{number}")
    for name, entry in RULES.items()
    for number, mistake in enumerate(entry.member.bad)
]
GOOD = [
    pytest.param(code, id=f"{name}-{number}")
    for name, entry in RULES.items()
    for number, code in enumerate(entry.member.good)
]


def marked(code: str) -> Counter[tuple[int, str]]:
    """(line, code) of every mark in an example."""
    return Counter(
        (number, each.strip())
        for number, line in enumerate(code.splitlines())
        if (found := MARK.search(line))
        for each in found[1].split(",")
    )


def unmarked(code: str) -> str:
    return "\n".join(MARK.sub("", line).rstrip() for line in code.split("\n"))


def found(code: str) -> Counter[tuple[int, str]]:
    return Counter((each.range.start.line, each.code) for each in inspect(code))


def mended(code: str, findings: list[Finding]) -> str:
    """The code after the first fix of each finding."""
    return Text(code).apply([(edit.range, edit.text) for each in findings for edit in each.fixes[0].edits])


def test_there_are_at_least_twenty_rules_with_codes_of_their_own():
    codes = [entry.member.code for entry in RULES.values()]
    assert len(codes) >= 20
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch(r"TS[1-7]\d{2}", code)] == []


@pytest.mark.parametrize("name", RULES)
def test_rule_explains_itself_and_has_both_kinds_of_examples(name):
    member = RULES[name].member
    assert member.name == name
    assert member.help.endswith(".")
    assert len(member.explanation.split()) >= 25
    assert member.bad
    assert member.good
    assert any((line, code) for mistake in member.bad for line, code in marked(mistake.code) if code == member.code)


@pytest.mark.parametrize(("name", "mistake"), BAD)
def test_bad_example_is_found_on_the_marked_lines_and_nowhere_else(name, mistake):
    assert found(mistake.code) == marked(mistake.code)
    assert RULES[name].member.code in {code for _, code in marked(mistake.code)}


@pytest.mark.parametrize("code", GOOD)
def test_good_example_is_clean(code):
    ast.parse(code)
    assert found(code) == Counter()


@pytest.mark.parametrize(("name", "mistake"), [each for each in BAD if each.values[1].fixed])
def test_fix_gives_what_the_rule_says_and_ends_the_finding(name, mistake):
    code = unmarked(mistake.code)
    fixable = [each for each in inspect(code) if each.fixes and each.code == RULES[name].member.code]
    assert fixable
    assert mended(code, fixable) == mistake.fixed
    ast.parse(mistake.fixed)
    assert found(mistake.fixed) == Counter()


@pytest.mark.parametrize(("name", "mistake"), BAD)
def test_every_fix_leaves_python_and_ends_its_finding(name, mistake):
    for each in inspect(mistake.code):
        for fix in each.fixes:
            after = Text(mistake.code).apply([(edit.range, edit.text) for edit in fix.edits])
            ast.parse(after)
            same = [other for other in inspect(after) if (other.code, other.message) == (each.code, each.message)]
            before = [
                other for other in inspect(mistake.code) if (other.code, other.message) == (each.code, each.message)
            ]
            assert len(same) == len(before) - 1, after


@pytest.mark.parametrize(("name", "mistake"), BAD)
@pytest.mark.parametrize(
    "comment",
    ["tunesmith: ignore", "tunesmith: ignore[{code}]", "tunesmith: ignore[{name}]", "noqa", "noqa: E501, {code}"],
)
def test_comment_silences_the_rule_on_its_line(name, mistake, comment):
    member = RULES[name].member
    words = comment.format(code=member.code, name=member.name)
    lines = mistake.code.split("\n")
    quiet = "\n".join(MARK.sub(f"# {words}", line) for line in lines)
    assert {code for _, code in found(quiet)} & {member.code} == set()


@pytest.mark.parametrize(("name", "mistake"), BAD)
def test_other_rules_comment_silences_nothing(name, mistake):
    member = RULES[name].member
    loud = "\n".join(MARK.sub("# noqa: E501 # tunesmith: ignore[TS999]", line) for line in mistake.code.split("\n"))
    assert member.code in {code for _, code in found(loud)}


@pytest.mark.parametrize(("name", "mistake"), BAD)
def test_windows_line_endings_change_no_finding_and_are_kept_by_fixes(name, mistake):
    code = mistake.code.replace("\n", "\r\n")
    assert found(code) == marked(mistake.code)
    for each in inspect(code):
        for fix in each.fixes:
            after = Text(code).apply([(edit.range, edit.text) for edit in fix.edits])
            assert "\n" not in after.replace("\r\n", "")
