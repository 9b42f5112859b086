"""What the catalog and the schema hold about a key or a member, as Markdown for completion, hover and `explain`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tunesmith.catalog import Catalog
from tunesmith.job.reference import allowed_text, default_text, member_facts
from tunesmith.members import Member
from tunesmith.options import Option
from tunesmith.scores.metrics import Metric

Translate = Callable[[str], str]
"""An English text of the catalog, or a name of a fact, in another language."""


def option_help(option: Option, catalog: Catalog, *, is_column: bool = False, translate: Translate = str) -> str:
    """Help, default, range, unit and advice of a key."""
    facts = [("Default", "guessed from the names of the columns" if is_column else default_text(option))]
    facts.append(("Allowed", allowed_text(option, catalog)))
    facts.append(("Unit", option.unit))
    return _page(option.help, facts, ("Advice", option.advice), translate)


def member_help(member: Member, translate: Translate = str) -> str:
    """Help, use, formula, range, source and options of a member."""
    facts = [(name.capitalize(), value) for name, value in member_facts(member)]
    facts.append(
        ("Options", ", ".join(f"`{name}` ({default_text(option)})" for name, option in member.options.items()))
    )
    return _page(member.help, facts, ("When", member.when), translate)


def metric_help(metric: Metric, translate: Translate = str) -> str:
    """Help, direction, range, unit, formula and source of a metric."""
    facts = [("Better", "lower" if metric.lower_is_better else "higher"), ("Range", metric.range)]
    facts += [("Unit", metric.unit), ("Formula", f"`{metric.formula}`"), ("Source", metric.source)]
    return _page(metric.help, facts, ("", ""), translate)


def _page(text: str, facts: Iterable[tuple[str, str]], ending: tuple[str, str], translate: Translate) -> str:
    lines = "\n".join(f"- {translate(name)}: {translate(value)}" for name, value in facts if value)
    name, advice = ending
    last = f"*{translate(name)}:* {translate(advice)}" if advice else ""
    return "\n\n".join(part for part in (translate(text), lines, last) if part)
