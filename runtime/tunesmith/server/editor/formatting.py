"""A job's text with even indentation and spaces; comments, order, quotes and every value stay."""

from __future__ import annotations

from bisect import bisect_left

from tunesmith.job.document import read_document
from tunesmith.server.editor.edits import Edit, applied
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.tree import LINE_END, Tree, Value

STEP = 2


def formatted(text: str, *, step: int = STEP) -> str:
    """The text, laid out evenly; unchanged where it is no YAML, or where the layout would change a value."""
    before = _meaning(text)
    if before is None or not text.strip():
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    made = _blank_lines(_indented(_spaced(text), step), newline)
    return made if _meaning(made) == before else text


def _meaning(text: str) -> object:
    """What the text says, every scalar with its type; None where it is no YAML."""
    document = read_document(text, None)
    if any(problem.code == "job.yaml-syntax" for problem in document.problems):
        return None
    return repr(document.root.plain()), [key for key, _ in document.root.walk()], len(document.problems)


def _spaced(text: str) -> str:
    """One space behind each colon, two before a comment behind a value, none inside braces, none at line ends."""
    tree = scan(text)
    edits: dict[int, Edit] = {}
    for step in tree.steps():
        entry, value = step.entry, step.entry.value
        if entry.colon is None:
            continue
        edits[entry.end] = Edit(start=entry.end, end=entry.colon, text="")
        gap = text[entry.colon + 1 : value.start]
        if value.kind != "nothing" and (value.kind == "scalar" or value.is_flow) and gap and not gap.strip(" \t"):
            edits[entry.colon + 1] = Edit(start=entry.colon + 1, end=value.start, text=" ")
    for value in _flows(tree.root):
        _space_flow(text, value, edits)
    for start, _ in tree.comments:
        before = text[tree.lines[tree.line_of(start)] : start]
        blanks = len(before) - len(before.rstrip(" \t"))
        if before.strip() and blanks:
            edits[start - blanks] = Edit(start=start - blanks, end=start, text="  ")
    return applied(text, [edit for edit in edits.values() if text[edit.start : edit.end] != edit.text])


def _flows(value: Value) -> list[Value]:
    found = [value] if value.is_flow else []
    for inner in (*(entry.value for entry in value.entries), *value.items):
        found += _flows(inner)
    return found


def _space_flow(text: str, value: Value, edits: dict[int, Edit]) -> None:
    """`{a: 1, b: 2}`: no blanks inside the brackets, one behind each comma, as long as it stands on one line."""
    if not value.closed or text[value.start : value.start + 1] != value.style:
        return
    spans = [(entry.start, max(entry.end, entry.value.end)) for entry in value.entries]
    spans += [(item.start, item.end) for item in value.items]
    edges = [value.start + 1, *(edge for span in spans for edge in span), value.end - 1]
    for number, (left, right) in enumerate(zip(edges[::2], edges[1::2], strict=True)):
        gap = text[left:right]
        is_outside = number in (0, len(spans))
        wanted = "" if is_outside else ", "
        if gap.strip(" \t") == wanted.strip():
            edits[left] = Edit(start=left, end=right, text=wanted)


def _indented(text: str, step: int) -> str:
    """Each line moved to the column that its depth asks for; lines that go on with a value move along with it."""
    tree = scan(text)
    wanted = _columns(tree, step)
    rows = [text[start:end] for start, end in zip(tree.lines, [*tree.lines[1:], len(text)], strict=True)]
    made: list[str] = []
    begun = sorted(wanted)
    shift = 0
    for row, line in enumerate(rows):
        body = line.lstrip(" \t")
        have = len(line) - len(body)
        if not body.strip():
            made.append(body.lstrip(" \t"))
            continue
        if row in wanted:
            shift = wanted[row] - have
            column = wanted[row]
        elif body.startswith("#"):
            column = _of_comment(rows, begun, row, have, wanted, shift)
        else:
            column = max(have + shift, 0)
        made.append(" " * column + body)
    return "".join(made)


def _columns(tree: Tree, step: int) -> dict[int, int]:
    """The column that each line which begins a key or an item should begin at."""
    found: dict[int, int] = {}
    pending: list[tuple[Value, int]] = [(tree.root, 0)]
    while pending:
        value, column = pending.pop()
        if value.is_flow:
            continue
        for entry in value.entries:
            _first_on_line(tree, entry.start, column, found)
            pending.append((entry.value, column + step))
        for item in value.items:
            dash = tree.text.rfind("-", 0, item.start)
            if dash >= 0:
                _first_on_line(tree, dash, column, found)
            pending.append((item, column + 2))
    return found


def _first_on_line(tree: Tree, offset: int, column: int, found: dict[int, int]) -> None:
    row = tree.line_of(offset)
    if not tree.text[tree.lines[row] : offset].strip(" \t"):
        found.setdefault(row, column)


def _of_comment(rows: list[str], begun: list[int], row: int, have: int, wanted: dict[int, int], shift: int) -> int:
    """A comment stands over what follows it, or, where it is deeper than that, at the depth of what was before.

    `begun`: the lines that begin a key or an item, in order.
    """
    at = bisect_left(begun, row)
    following = begun[at] if at < len(begun) else None
    if following is not None and have <= _indent(rows[following]):
        return wanted[following]
    before = next((each for each in reversed(begun[:at]) if _indent(rows[each]) <= have), None)
    return max(have + shift, 0) if before is None else wanted[before]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _blank_lines(text: str, newline: str) -> str:
    """No blanks at line ends, at most one empty line running, one line end at the end."""
    lines = [line.rstrip(" \t") for line in LINE_END.split(text)]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return newline.join(kept) + newline


def format_edits(text: str, *, step: int = STEP) -> list[Edit]:
    """The edits, a line each, that make `formatted` of the text."""
    after = formatted(text, step=step)
    if after == text:
        return []
    return [Edit(start=0, end=len(text), text=after)]
