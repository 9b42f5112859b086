"""What a word means that a message, a report, a chart or a job uses: `tunesmith explain WORD`.

Each is looked up where it is written down: the glossary in docs/, the members of the catalog, the keys of a job,
metrics, error codes and the rules of inspections.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tunesmith import pages
from tunesmith.catalog import Catalog
from tunesmith.errors import TunesmithError, nearest
from tunesmith.job import schema
from tunesmith.job.help_text import Translate, member_help, metric_help, option_help
from tunesmith.members import Member

_KINDS = {
    "task": "tasks",
    "model": "models",
    "method": "methods",
    "loss": "losses",
    "optimizer": "optimizers",
    "schedule": "schedules",
    "split": "splits",
    "reader": "readers",
}
LANGUAGES = ("", "zh-CN")
"""That the glossary is written in, "" being English. A word is found by its names in all of them."""
_ALSO = re.compile(r"\A(?:Also: |又称：)(.+)$", re.MULTILINE)
_HEADING = re.compile(r"([\x21-\x7e]+(?: [\x21-\x7e]+)*?)(?: (\S*[^\x00-\x7f].*))?")  # `learning rate 学习率`


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One meaning: what it is of (`word`, `key`, `metric`, `loss`, `error`, ...), its name, and a text in Markdown."""

    kind: str
    name: str
    text: str


Index = Mapping[str, Sequence[Meaning]]


def index(catalog: Catalog, *, language: str = "", translate: Translate = str) -> Index:
    """All meanings by name, in that language; the glossary's come first. Keys of a job stand under their whole name
    (`training.learning_rate`) and under its end."""
    known: dict[str, list[Meaning]] = {}
    for names, meaning in _all(catalog, language, translate):
        for name in {_plain(name) for name in names}:
            known.setdefault(name, []).append(meaning)
    return known


def meanings(word: str, known: Index) -> list[Meaning]:
    """All that the index has under this name; a text that several have is there once, with the names of all of them.

    Case, and whether words are parted by a blank, a hyphen or an underscore, make no difference. Raises TunesmithError
    words.unknown with the nearest name.
    """
    found = known.get(_plain(word))
    if not found:
        close = nearest(_plain(word), known)
        raise TunesmithError(
            "words.unknown",
            "no word, key, metric, member of the catalog, error code or rule has that name",
            found=word,
            hint=(f"try `tunesmith explain {close!r}`; " if close else "") + "`tunesmith explain` lists the words",
        )
    same: dict[tuple[str, str], list[str]] = {}
    for meaning in found:
        same.setdefault((meaning.kind, meaning.text), []).append(meaning.name)
    return [Meaning(kind=kind, name=", ".join(names), text=text) for (kind, text), names in same.items()]


def glossary(language: str = "") -> list[str]:
    """The headings of the glossary, in its order."""
    return list(pages.sections(_page(language)))


def names_of(heading: str, text: str) -> list[str]:
    """The names of an entry of the glossary: of `learning rate 学习率` each and the whole, and what `Also:` lists."""
    found = _HEADING.fullmatch(heading)
    also = _ALSO.match(text)
    parts = [part for part in found.groups() if part] if found else []
    return [heading, *parts, *(re.split(r"[,、] ?", also[1]) if also else ())]


def _in_english(heading: str) -> str:
    found = _HEADING.fullmatch(heading)
    return found[1] if found else heading


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().casefold())


def _page(language: str) -> str:
    return f"{language}/glossary.md" if language else "glossary.md"


def _all(catalog: Catalog, language: str, translate: Translate) -> Iterator[tuple[list[str], Meaning]]:
    names: dict[str, list[str]] = {}
    for each in LANGUAGES:
        for heading, text in pages.sections(_page(each)).items():
            names.setdefault(_in_english(heading), []).extend(names_of(heading, text))
    for heading, text in pages.sections(_page(language)).items():
        yield names[_in_english(heading)], Meaning(kind="word", name=heading, text=text)
    for kind, folder in _KINDS.items():
        for entry in getattr(catalog, folder).values():
            yield from _of_member(kind, entry.member, catalog, translate)
    for section, options in schema.SECTIONS.items():
        for key, option in options.items():
            name = f"{section}.{key}" if section else key
            yield [name, key], Meaning(kind="key", name=name, text=option_help(option, catalog, translate=translate))
    for (kind, name, text), tasks in _by_task(catalog, translate).items():
        named = f"{name}: {', '.join(tasks)}"
        yield [name, name.removeprefix("data.")], Meaning(kind=kind, name=named, text=text)
    for code, text in pages.sections("errors.md").items():
        yield [code], Meaning(kind="error", name=code, text=text)
    for rule in catalog.inspections.values():
        text = f"{rule.member.help}\n\n{rule.member.explanation}"
        yield [rule.member.code, rule.member.name], Meaning(kind="inspection", name=rule.member.code, text=text)


def _by_task(catalog: Catalog, translate: Translate) -> Mapping[tuple[str, str, str], list[str]]:
    """Metrics and columns, (kind, name, text), with the tasks that have them so."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for task in catalog.tasks.values():
        for metric in task.member.metrics:
            found.setdefault(("metric", metric.name, metric_help(metric, translate)), []).append(task.name)
        for role, option in schema.column_options(task.member).items():
            text = option_help(option, catalog, is_column=True, translate=translate)
            found.setdefault(("key", f"data.{role}", text), []).append(task.name)
    return found


def _of_member(
    kind: str, member: Member, catalog: Catalog, translate: Translate
) -> Iterator[tuple[list[str], Meaning]]:
    yield [member.name, *member.aliases], Meaning(kind=kind, name=member.name, text=member_help(member, translate))
    for key, option in member.options.items():
        name = f"{member.name}.{key}"
        yield [name, key], Meaning(kind="key", name=name, text=option_help(option, catalog, translate=translate))
