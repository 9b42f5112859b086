"""What the catalog and the schema hold about a key or a member, as Markdown for completion and hover."""

from __future__ import annotations

from collections.abc import Iterable

from tunesmith.catalog import Catalog
from tunesmith.job.reference import allowed_text, default_text, member_facts
from tunesmith.members import Member
from tunesmith.options import Option


def option_help(option: Option, catalog: Catalog, *, is_column: bool = False) -> str:
    """Help, default, range, unit and advice of a key."""
    facts = [("Default", "guessed from the names of the columns" if is_column else default_text(option))]
    facts.append(("Allowed", allowed_text(option, catalog)))
    facts.append(("Unit", option.unit))
    return _page(option.help, facts, f"*Advice:* {option.advice}" if option.advice else "")


def member_help(member: Member) -> str:
    """Help, use, formula, range, source and options of a member."""
    facts = [(name.capitalize(), value) for name, value in member_facts(member)]
    facts.append(
        ("Options", ", ".join(f"`{name}` ({default_text(option)})" for name, option in member.options.items()))
    )
    return _page(member.help, facts, f"*When:* {member.when}" if member.when else "")


def _page(help_text: str, facts: Iterable[tuple[str, str]], ending: str) -> str:
    lines = "\n".join(f"- {name}: {value}" for name, value in facts if value)
    return "\n\n".join(part for part in (help_text, lines, ending) if part)
