"""What may be written at the cursor: keys, values, members, and what to ask a helper for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path as FilePath

from tunesmith.catalog import Catalog
from tunesmith.job import schema
from tunesmith.job.help_text import member_help
from tunesmith.job.kinds import AutoReal, Choice, ShareOrFile
from tunesmith.members import Member, ModelSource
from tunesmith.models.load import bundled_names
from tunesmith.options import REQUIRED, Every, Flag, Interval, OneOf, Option, Text, Texts
from tunesmith.server.editor.cursor import Cursor, cursor_at
from tunesmith.server.editor.insert import defaults, escaped, key_text, member_snippet, scalar, text_scalar
from tunesmith.server.editor.items import Completion, Item, ItemKind, Lookup
from tunesmith.server.editor.shape import Keys, Slot, View
from tunesmith.trust import is_callable_name

FILLED_IN = {
    "model": frozenset({"outputs", "num_labels"}),
    "training.loss": frozenset({"prediction", "target", "input"}),
    "training.optimizer": frozenset({"params", "groups", "lr"}),
}
"""Arguments of the project's own callables that the runtime gives itself."""

BEGUN_INTERVAL = re.compile(r"(\d+(?:\.\d+)?) *")
NUMBERED = [Interval(200, "steps"), Interval(1, "epochs"), Interval(10, "minutes")]


def complete(text: str, offset: int, catalog: Catalog, home: FilePath, *, snippets: bool = True) -> Completion | None:
    """What may stand at `offset`; None where nothing can be offered. `home` is the folder of the job file."""
    cursor = cursor_at(text, offset)
    if cursor is None:
        return None
    view = View(tree=cursor.tree, catalog=catalog, home=home)
    if cursor.role == "key":
        items, lookups = _keys(cursor, view, snippets=snippets)
    else:
        slot = view.slot(cursor.path)
        if slot is None:
            return None
        items, lookups = _values(cursor, view, slot, snippets=snippets)
    if cursor.space:
        items = [replace(item, text=" " + item.text) for item in items]
    ordered = tuple(replace(item, order=number) for number, item in enumerate(items))
    return Completion(
        items=ordered, lookups=tuple(lookups), start=cursor.start, end=cursor.end, cursor=cursor, view=view
    )


def _keys(cursor: Cursor, view: View, *, snippets: bool) -> tuple[list[Item], list[Lookup]]:
    keys = view.keys(cursor.path)
    if keys.single and cursor.siblings:
        return [], []
    items = [
        _key_item(cursor, slot, snippets=snippets)
        for slot in _offered_keys(cursor, keys, view)
        if slot.key not in cursor.siblings
    ]
    lookups = []
    if keys.callable and is_callable_name(keys.callable):
        dotted = "model" if cursor.path[0] == "model" else ".".join(cursor.path[:2])
        left_out = FILLED_IN.get(dotted, frozenset()) | cursor.siblings
        lookups.append(Lookup(kind="arguments", prefix=keys.callable, leave_out=left_out))
    option = view.slot(cursor.path)
    choice = option.option if option else None
    if keys.single and isinstance(choice, Choice) and choice.callables:
        lookups.append(Lookup(kind="python", prefix=cursor.prefix))
    return items, lookups


def _offered_keys(cursor: Cursor, keys: Keys, view: View) -> Iterator[Slot]:
    """The keys that go with the rest of the job; what must be written stands first."""
    offered: set[str] | None = None
    dotted = ".".join(cursor.path)
    if dotted in schema.choices() and keys.single:
        offered = {entry.name for entry in view.offered(schema.choices()[dotted])} | {"name"}
    slots = [slot for slot in keys.slots.values() if offered is None or slot.key in offered]
    if cursor.path == ("training",):
        slots = [slot for slot in slots if slot.key != "why"]
    yield from sorted(slots, key=lambda slot: not _is_required(slot))


def _is_required(slot: Slot) -> bool:
    return slot.option is not None and slot.option.default is REQUIRED and not slot.is_column


def _key_item(cursor: Cursor, slot: Slot, *, snippets: bool) -> Item:
    text, is_snippet = key_text(cursor, slot, snippets=snippets)
    kind: ItemKind = "section" if slot.is_section else "member" if slot.member else "key"
    detail = slot.option.allowed() if slot.option else slot.member.help if slot.member else "section"
    if _is_required(slot):
        detail += " (required)"
    return Item(
        label=slot.key,
        text=text,
        kind=kind,
        detail=detail,
        words=slot.words,
        snippet=is_snippet,
    )


def _values(cursor: Cursor, view: View, slot: Slot, *, snippets: bool) -> tuple[list[Item], list[Lookup]]:
    option = slot.option
    if slot.is_column:
        return [], [Lookup(kind="columns", prefix=cursor.prefix)]
    if option is None:
        return _of_keys(cursor, view, slot, snippets=snippets), []
    if isinstance(option, Choice):
        return _members(cursor, view, slot, option, snippets=snippets)
    items = [_value_item(cursor, word, slot) for word in _plain_values(slot, option, view, cursor.prefix)]
    return items, list(_lookups(cursor, slot, option))


def _lookups(cursor: Cursor, slot: Slot, option: Option) -> Iterator[Lookup]:
    if slot.path == ("data", "train"):
        yield Lookup(kind="python", prefix=cursor.prefix)
    if slot.path == ("data", "train") or isinstance(option, ShareOrFile) or slot.key in ("tokenizer", "folder"):
        yield Lookup(kind="paths", prefix=cursor.prefix)


def _plain_values(slot: Slot, option: Option, view: View, prefix: str) -> Iterator[str]:
    """Values that the option's own description names, the default first."""
    found: list[str] = list(defaults(option))
    if isinstance(option, OneOf):
        found += option.values
    elif isinstance(option, Flag):
        found += ["true", "false"]
    elif isinstance(option, Every):
        found = list(_intervals(prefix)) or [*found, *(str(interval) for interval in NUMBERED)]
    elif isinstance(option, ShareOrFile):
        found = ["10%", "20%", "none"]
    elif slot.path == ("evaluation", "metric") and view.task:
        found += view.task.metric_names
    elif isinstance(option, AutoReal):
        found += _usual_rates(view)
    elif isinstance(option, Text) and "|" in option.form:
        found += [word.strip() for word in option.form.split("|")]
    if option.default is None and not isinstance(option, (Text, Texts)):
        found.append("none")
    if slot.path == ("data", "imbalance") and view.task and not view.task.imbalance:
        found = ["none"]
    if slot.path == ("training", "precision") and view.tree.scalar("device") == "cpu":
        found.remove("fp16")
    yield from (word for word in dict.fromkeys(found) if _is_allowed(option, word))


def _intervals(prefix: str) -> Iterator[str]:
    """The number that is typed already, with each unit that it may have."""
    number = BEGUN_INTERVAL.match(prefix)
    if number is None:
        return
    for unit in ("steps", "epochs", "minutes"):
        if unit.startswith(prefix[number.end() :]) and not (unit == "steps" and "." in number[1]):
            yield f"{number[1]} {unit}"


def _is_allowed(option: Option, word: str) -> bool:
    """Whether the option takes this word (its form may name placeholders such as `cuda:N`)."""
    if not isinstance(option, Text):
        return True
    try:
        option.parse(word)
    except ValueError:
        return False
    return True


def _usual_rates(view: View) -> Iterator[str]:
    """The learning rates that the chosen optimizer, or else each of them, begins with."""
    chosen = view.tree.scalar("training", "optimizer") or "adamw"
    folder = view.catalog.optimizers
    member = folder[chosen].member if chosen in folder else folder["adamw"].member
    yield from (f"{rate:g}".replace("e-0", "e-") for rate in (member.learning_rate, member.from_scratch))


def _value_item(cursor: Cursor, word: str, slot: Slot) -> Item:
    usual = slot.option is not None and word in defaults(slot.option)
    return Item(
        label=word,
        text=scalar(word, cursor.quote),
        kind="value",
        words=slot.words,
        detail="default" if usual else "",
    )


def _members(
    cursor: Cursor, view: View, slot: Slot, choice: Choice, *, snippets: bool
) -> tuple[list[Item], list[Lookup]]:
    lookups = []
    if choice.callables:
        lookups.append(Lookup(kind="python", prefix=cursor.prefix))
    if choice.named:
        lookups.append(Lookup(kind="paths", prefix=cursor.prefix))
    if slot.key == "name" and choice.named:
        return [_value_item(cursor, name, slot) for name in _bundled(view)], lookups
    words = [*(["auto"] if choice.auto else []), *(_bundled(view) if choice.named else [])]
    items = [_value_item(cursor, word, slot) for word in words]
    for entry in view.offered(choice):
        items += _member_items(cursor, slot, entry.name, entry.member, snippets=snippets)
    return items, lookups


def _member_items(cursor: Cursor, slot: Slot, name: str, member: Member, *, snippets: bool) -> Iterator[Item]:
    words = member_help(member)
    is_source = isinstance(member, ModelSource)
    if not is_source or name == "scratch":
        yield Item(label=name, text=scalar(name, cursor.quote), kind="member", detail=member.help, words=words)
    if not snippets or cursor.quote or slot.path == ("task",) or not (member.options or is_source):
        return
    text = member_snippet(name, member)
    if is_source and name != "scratch":
        text = f"{{{escaped(name)}: {{name: $0}}}}"
    yield Item(label=f"{{{name}: …}}", text=text, kind="member", detail=member.help, words=words, snippet=True)


def _bundled(view: View) -> Iterator[str]:
    """Names that the catalog's sources say they provide."""
    for entry in view.catalog.models.values():
        yield from bundled_names(entry)


def _of_keys(cursor: Cursor, view: View, slot: Slot, *, snippets: bool) -> list[Item]:
    """The keys of a section or member, as a mapping in braces."""
    if not snippets or cursor.quote or cursor.role == "item":
        return []
    return [
        Item(
            label=f"{{{each.key}: …}}", text=f"{{{escaped(each.key)}: $0}}", kind="key", words=each.words, snippet=True
        )
        for each in view.keys(slot.path).slots.values()
        if each.key != "why"
    ]


def column_items(columns: Sequence[str], guesses: Collection[str], quote: str = "") -> list[Item]:
    """Columns of the data, the usual names for the role first."""
    ordered = dict.fromkeys([*(name for name in columns if name.lower() in guesses), *columns])
    return [Item(label=name, text=text_scalar(name, quote), kind="column", detail="column") for name in ordered]
