"""What a word means that a message, a report, a chart or a job uses: `tunesmith explain WORD`.

Each is looked up where it is written down: the glossary in docs/, the members of the catalog, the keys of a job,
metrics, error codes and the rules of inspections.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
_ABOUT = re.compile(
    r"\A(?:(?:Also: |又称：)(?P<names>[^;；\n]+))?(?:[;；]? ?(?:Key|key|键) (?P<keys>.+))?$", re.MULTILINE
)
"""The line below a heading: `Also: lr, step size; key `training.learning_rate``."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the glossary: its heading, its names (in English, in the page's language, and what `Also:` lists),
    the keys of a job that it explains, and the text below."""

    heading: str
    names: Sequence[str]
    keys: Sequence[str]
    text: str


@lru_cache(maxsize=len(LANGUAGES))
def glossary(language: str = "") -> Sequence[Entry]:
    """The entries of the glossary, in its order."""
    page = f"{language}/glossary.md" if language else "glossary.md"
    return [_entry(heading, text) for heading, text in pages.sections(page).items()]


def entry_of_key(path: Sequence[str]) -> Entry | None:
    """The English entry on the key at this path in a job; options of members (`rank`) are known by their own name."""
    keys = {key: entry for entry in glossary() for key in entry.keys}
    if len(path) <= 2:
        return keys.get(".".join(path))
    parted = {tuple(key.split(".")): entry for key, entry in keys.items()}
    of_members = {key[-1]: entry for key, entry in parted.items() if key[0] not in schema.SECTIONS}
    return of_members.get(path[-1])


def _entry(heading: str, text: str) -> Entry:
    about = _ABOUT.match(text)
    names, keys = (about["names"], about["keys"]) if about else (None, None)
    found = _HEADING.fullmatch(heading)
    own = [part for part in found.groups() if part] if found else [heading]
    return Entry(
        heading=heading,
        names=[*own, *(re.split(r"[,、] ?", names) if names else ())],
        keys=re.findall(r"`([^`]+)`", keys) if keys else [],
        text=text[about.end() :].strip() if about else text,
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().casefold())


def _all(catalog: Catalog, language: str, translate: Translate) -> Iterator[tuple[list[str], Meaning]]:
    in_all = zip(glossary(language), *map(glossary, LANGUAGES), strict=True)
    for entry, *others in in_all:
        names = [entry.heading, *(name for other in others for name in other.names), *entry.keys]
        yield names, Meaning(kind="word", name=entry.heading, text=entry.text)
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
