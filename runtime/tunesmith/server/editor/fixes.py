"""Quick fixes: for each finding, the changes of the job that mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tunesmith.errors import Problem
from tunesmith.job import schema
from tunesmith.job.document import read_document
from tunesmith.job.kinds import Choice
from tunesmith.models.load import bundled_names
from tunesmith.options import REQUIRED
from tunesmith.server.editor.diagnostics import Finding, unclosed
from tunesmith.server.editor.edits import Edit, applied, difference, remove, set_value
from tunesmith.server.editor.flow_values import CLOSERS
from tunesmith.server.editor.insert import defaults, text_scalar
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.shape import View
from tunesmith.server.editor.tree import Path, Tree

RENAME = re.compile(r"^(?:rename it to (\S+)|did you mean (.+)\?)$")
ELSEWHERE = re.compile(r"^write it (?:under (\w+): as (\w+)|at the top of the job as (\w+))$")
RATIO = re.compile(r"has ([\d.e+]+) times")
TABS = re.compile(r"^( *\t[ \t]*)", re.MULTILINE)
MOST = 6
"""Alternatives offered for one finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """`preferred`: the one that an editor may apply without a question."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


def fixes_for(finding: Finding, view: View) -> list[Fix]:
    """What would mend the finding, the best first; empty where only the user knows."""
    found: list[Fix] = []
    for fixer in (_respell, FIXERS.get(finding.problem.code), _skip_bad_rows, _network):
        found += fixer(finding, view) if fixer else ()
    unique = {fix.edits: fix for fix in reversed(found)}
    text = view.tree.text
    was_yaml = bool(found) and _is_yaml(text)
    return [fix for fix in found if unique[fix.edits] is fix and (not was_yaml or _is_yaml(applied(text, fix.edits)))]


def _is_yaml(text: str) -> bool:
    return not any(problem.code == "job.yaml-syntax" for problem in read_document(text, None).problems)


def _fix(title: str, *edits: Edit | None, preferred: bool = False) -> Iterator[Fix]:
    """A fix, unless one of its edits cannot be made."""
    made = tuple(edit for edit in edits if edit is not None)
    if made and len(made) == len(edits):
        yield Fix(title=title, edits=made, preferred=preferred)


def _path(problem: Problem) -> Path:
    return tuple((problem.place.key or "").split(".")) if problem.place.key else ()


def _respell(finding: Finding, view: View) -> Iterator[Fix]:
    """The nearest spelling, where the finding names one."""
    match = RENAME.match(finding.problem.hint)
    if match is None:
        return
    right = match[1] or match[2]
    span = _span_of(finding, view.tree)
    if span is not None:
        edit = Edit(start=span[0], end=span[1], text=text_scalar(right, _quote(view.tree, span[0])))
        yield from _fix(f"Change to `{right}`", edit, preferred=True)


def _span_of(finding: Finding, tree: Tree) -> tuple[int, int] | None:
    """Where exactly the word stands that was found: a key, a value, an item, or the member in a mapping."""
    found = finding.problem.found
    for step in tree.steps():
        entry, value = step.entry, step.entry.value
        if not (entry.start <= finding.start <= max(entry.end, value.end)):
            continue
        if entry.key == found and entry.start == finding.start:
            return entry.start, entry.end
        for each in (value, *value.items):
            is_here = each.kind == "scalar" and finding.start <= each.start < max(finding.end, finding.start + 1)
            if is_here and (each.text == found or finding.problem.code == "data.missing-file"):
                return each.start, each.end
        if step.path == _path(finding.problem):
            inner = next((each for each in value.entries if each.key == found), None)
            if inner is not None:
                return inner.start, inner.end
            item = next((each for each in (value, *value.items) if each.kind == "scalar" and each.text == found), None)
            if item is not None:
                return item.start, item.end
    return None


def _quote(tree: Tree, at: int) -> str:
    return tree.text[at] if tree.text[at : at + 1] in ("'", '"') else ""


def _missing_key(finding: Finding, view: View) -> Iterator[Fix]:
    path = _path(finding.problem)
    slot = view.slot(path)
    option = slot.option if slot else None
    if option is None:
        return
    if isinstance(option, Choice):
        words = [entry.name for entry in view.offered(option)]
        if option.named:
            bundled = [name for entry in view.offered(option) for name in bundled_names(entry)]
            words = [*bundled[:1], *(name for name in words if name == "scratch")]
    else:
        words = list(defaults(option)) or (["data.csv"] if option.default is REQUIRED else [])
    for number, word in enumerate(words[:MOST]):
        edit = set_value(view.tree, path, word)
        yield from _fix(f"Add `{'.'.join(path)}: {word}`", edit, preferred=number == 0 and len(words) == 1)


def _duplicate(finding: Finding, view: View) -> Iterator[Fix]:
    edit = remove(view.tree, _path(finding.problem), last=True)
    yield from _fix(f"Remove the second `{finding.problem.found}`", edit, preferred=True)


def _unknown_key(finding: Finding, view: View) -> Iterator[Fix]:
    yield from _moved(finding, view)
    yield from _fix(f"Remove `{finding.problem.found}`", remove(view.tree, _path(finding.problem)))


def _moved(finding: Finding, view: View) -> Iterator[Fix]:
    """A key that stands at the wrong place, put where the finding's hint says that it belongs."""
    match = ELSEWHERE.match(finding.problem.hint)
    entry = next((step.entry for step in view.tree.steps() if step.entry.start == finding.start), None)
    if match is None or entry is None or entry.value.kind != "scalar":
        return
    path: Path = (match[1], match[2]) if match[1] else (match[3],)
    written = view.tree.text[entry.value.start : entry.value.end]
    took = remove(view.tree, _path(finding.problem)) or remove(view.tree, (entry.key,))
    tree = scan(applied(view.tree.text, [took])) if took else None
    put = set_value(tree, path, written) if tree is not None and tree.find(path) is None else None
    if tree is not None and put is not None:
        edit = difference(view.tree.text, applied(tree.text, [put]))
        yield from _fix(f"Write it as `{'.'.join(path)}`", edit, preferred=True)


def _wrong_value(finding: Finding, view: View) -> Iterator[Fix]:
    problem, text = finding.problem, view.tree.text[finding.start : finding.end]
    if problem.hint == "put it between quotes":
        edit = Edit(start=finding.start, end=finding.end, text=f'"{text}"')
        yield from _fix("Put it between quotes", edit, preferred=True)
        return
    path = _path(problem)
    slot = view.slot(path)
    words = list(problem.allowed) if len(problem.allowed) > 1 else []
    words = words or (list(defaults(slot.option)) if slot and slot.option else [])
    for word in words[:MOST]:
        yield from _fix(f"Change to `{word}`", set_value(view.tree, path, word))


def _other_word(finding: Finding, view: View) -> Iterator[Fix]:
    """One of the words that are allowed instead."""
    for word in finding.problem.allowed[:MOST]:
        edit = set_value(view.tree, _path(finding.problem), word)
        yield from _fix(f"Change to `{word}`", edit, preferred=word == "auto")


def _imbalance(finding: Finding, view: View) -> Iterator[Fix]:
    match = RATIO.search(finding.problem.message)
    why = f", because classes are 1 : {match[1]}" if match else ""
    for number, remedy in enumerate(("weighted-loss", "oversample")):
        if view.tree.scalar("data", "imbalance") != remedy:
            edit = set_value(view.tree, ("data", "imbalance"), remedy)
            yield from _fix(f"Use {remedy}{why}", edit, preferred=number == 0)


def _no_column(finding: Finding, view: View) -> Iterator[Fix]:
    match = re.search(r"`(\w+): COLUMN`", finding.problem.hint)
    columns = view.task.columns if view.task else {}
    if match is None or match[1] not in columns:
        return
    data = view.tree.value(("data",))
    taken = {value.text for entry in (data.entries if data else ()) for value in (entry.value, *entry.value.items)}
    for name in [name for name in finding.problem.allowed if name not in taken][:MOST]:
        edit = set_value(view.tree, ("data", match[1]), text_scalar(name))
        yield from _fix(f"Take `{name}` as the {match[1]}", edit)


def _micro_batch(finding: Finding, view: View) -> Iterator[Fix]:
    path = ("training", "micro_batch_size")
    size = view.tree.scalar("training", "batch_size") or defaults(schema.TRAINING["batch_size"])[0]
    yield from _fix(f"Lower it to {size}", set_value(view.tree, path, size), preferred=True)
    yield from _fix("Remove `micro_batch_size`", remove(view.tree, path))


def _conflict(finding: Finding, view: View) -> Iterator[Fix]:
    if view.tree.find(("training", "schedule")) and "warm-up" in finding.problem.message:
        yield from _fix("Remove `training.warmup`", remove(view.tree, ("training", "warmup")))
        return
    yield from _fix("Remove `training.loss`", remove(view.tree, ("training", "loss")), preferred=True)
    edit = set_value(view.tree, ("data", "imbalance"), "weighted-loss")
    yield from _fix("Use `imbalance: weighted-loss`", edit)


def _syntax(finding: Finding, view: View) -> Iterator[Fix]:
    tree = view.tree
    if tabs := list(TABS.finditer(tree.text)):
        edits = [Edit(start=tab.start(), end=tab.end(), text=tab[1].expandtabs(2)) for tab in tabs]
        yield from _fix("Indent with spaces", *edits, preferred=True)
    for value in unclosed(tree):
        closer = CLOSERS.get(value.style, value.style)
        end = value.start + len(tree.text[value.start : value.end].rstrip())
        yield from _fix(f"Add the missing `{closer}`", Edit(start=end, end=end, text=closer), preferred=not tabs)
        return


def _skip_bad_rows(finding: Finding, view: View) -> Iterator[Fix]:
    if "`bad_rows: skip`" in finding.problem.hint:
        yield from _fix("Skip rows that cannot be read", set_value(view.tree, ("data", "bad_rows"), "skip"))


def _network(finding: Finding, view: View) -> Iterator[Fix]:
    if "`network: true`" in finding.problem.hint:
        yield from _fix("Let the model be downloaded once", set_value(view.tree, ("network",), "true"))


def _setting(title: str, path: Path, text: str) -> Callable[[Finding, View], Iterator[Fix]]:
    def fixer(finding: Finding, view: View) -> Iterator[Fix]:
        yield from _fix(title, set_value(view.tree, path, text), preferred=True)

    return fixer


def _removing(path: Path) -> Callable[[Finding, View], Iterator[Fix]]:
    def fixer(finding: Finding, view: View) -> Iterator[Fix]:
        edit = remove(view.tree, path) or remove(view.tree, ("training", "schedule", "warmup"))
        yield from _fix(f"Remove `{'.'.join(path)}`", edit, preferred=True)

    return fixer


def _patience(finding: Finding, view: View) -> Iterator[Fix]:
    yield from _fix("Take 10% for validation", set_value(view.tree, ("data", "validation"), "10%"), preferred=True)
    yield from _fix("Remove `evaluation.patience`", remove(view.tree, ("evaluation", "patience")))


def _judged_on_training(finding: Finding, view: View) -> Iterator[Fix]:
    path = _path(finding.problem)
    yield from _fix(f"Take 10% of the rows for {path[-1]}", set_value(view.tree, path, "10%"), preferred=True)


FIXERS: Mapping[str, Callable[[Finding, View], Iterator[Fix]]] = {
    "data.imbalance": _imbalance,
    "data.no-column": _no_column,
    "job.conflict": _conflict,
    "job.duplicate-key": _duplicate,
    "job.frozen-untrained-weights": _setting("Tune all weights: `method: full`", ("method",), "full"),
    "job.imbalance-does-not-fit": _removing(("data", "imbalance")),
    "job.judged-on-training-rows": _judged_on_training,
    "job.loss-does-not-fit": _other_word,
    "job.micro-batch-too-large": _micro_batch,
    "job.missing-key": _missing_key,
    "job.no-validation": _setting("Take 10% for validation", ("data", "validation"), "10%"),
    "job.patience-without-validation": _patience,
    "job.precision-does-not-fit": _other_word,
    "job.unknown-key": _unknown_key,
    "job.unknown-metric": _other_word,
    "job.warmup-ignored": _removing(("training", "warmup")),
    "job.wrong-value": _wrong_value,
    "job.yaml-syntax": _syntax,
}


def remedy(title: str, overrides: Sequence[str], view: View) -> Iterator[Fix]:
    """The change that another part worked out as `KEY=VALUE`, such as one under which a run fits into memory."""
    before, tree = view.tree.text, view.tree
    for override in overrides:
        key, _, text = override.partition("=")
        edit = set_value(tree, tuple(key.split(".")), text)
        if edit is None:
            return
        tree = scan(applied(tree.text, [edit]))
    yield from _fix(title, difference(before, tree.text))
