"""Answers of a run's model for new rows or texts."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import UNREAD
from tunesmith.data.rows import Rows
from tunesmith.data.values import Refused, whole
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.use.load import LoadedRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tunesmith.data.features import Features

TYPED = Path("<text>")
"""Stands for the file of texts that came from no file."""
AT_ONCE = 1024
"""Rows of a file that are encoded and answered at once."""


def predict(loaded: LoadedRun, rows: Rows | Sequence[str], *, batch_size: int | None = None) -> list[dict[str, Any]]:
    """One JSON-able answer a row, in the order of the rows: label and probabilities, value, written text, or loss of
    a document.

    `rows` are texts, or rows by the task's roles. Raises what the task raises for rows it cannot read.
    """
    found = rows if isinstance(rows, Rows) else text_rows(loaded, rows)
    if not len(found):
        return []
    columns = loaded.catalog.tasks[loaded.job.task].member.columns
    if loaded.task.writes and not any(columns[role].answer for role in found.columns):
        return [{"text": text} for text in answers_of_rows(loaded, found)]
    features, outputs = features_and_outputs(loaded, found, batch_size=batch_size)
    return loaded.task.decode(outputs, features, found)


def search(
    loaded: LoadedRun, queries: Rows, files: Sequence[Rows], *, most: int, batch_size: int | None = None
) -> list[dict[str, Any]]:
    """For each of the `queries` the `most` rows of all `files` that answer it best, best first, as JSON: `found`, a
    list of file, line, text and similarity. Equal ones stay in their order. Memory does not grow with the files."""
    import numpy as np

    task = loaded.task
    asked = predict_outputs(loaded, queries, batch_size=batch_size)
    looked_at = [task.to_find(rows) for rows in files]
    begins = [0, *accumulate(map(len, looked_at))]
    near = np.zeros((len(queries), 0), np.float32)
    numbers = np.zeros((len(queries), 0), np.int64)  # of the rows, counted through all files
    for rows, begin in zip(looked_at, begins, strict=False):
        for at, some in rows.parts(AT_ONCE):
            more = task.found_by(asked, predict_outputs(loaded, some, batch_size=batch_size))
            near = np.hstack([near, more])
            numbers = np.hstack([numbers, np.broadcast_to(begin + at + np.arange(len(some)), more.shape)])
            best = np.argsort(-near, axis=1, kind="stable")[:, :most]
            near = np.take_along_axis(near, best, axis=1)
            numbers = np.take_along_axis(numbers, best, axis=1)

    def found(number: int, similarity: float) -> dict[str, Any]:
        file = bisect_right(begins, number) - 1
        return _found(looked_at[file], number - begins[file], similarity)

    return [
        {"found": list(map(found, line, similarities))}
        for line, similarities in zip(numbers.tolist(), near.tolist(), strict=True)
    ]


def _found(rows: Rows, row: int, similarity: float) -> dict[str, Any]:
    place, cells = rows.place(row), [str(column[row]) for column in rows.columns.values()]
    return {"file": str(place.file), "line": place.line, "text": " | ".join(cells), "similarity": similarity}


def predict_outputs(loaded: LoadedRun, rows: Rows, *, batch_size: int | None = None) -> NDArray[np.float32]:
    """The raw outputs (logits, values) for `rows`, float32, shape (N, ...); computed in float32, batched by length."""
    return features_and_outputs(loaded, rows, batch_size=batch_size)[1]


def features_and_outputs(
    loaded: LoadedRun, rows: Rows, *, batch_size: int | None = None
) -> tuple[Features, NDArray[np.float32]]:
    """What the task makes of `rows`, and the model of that."""
    features = loaded.task.encode(rows, loaded.model)
    return features, outputs_for(loaded, features, batch_size=batch_size)


def decoded(loaded: LoadedRun, rows: Rows, features: Features, outputs: Any) -> Iterator[list[dict[str, Any]]]:
    """What the task's `decode` says of all rows, some of them at a time."""
    import numpy as np

    from tunesmith.data.features import count, numbered_from, rows_of, select

    if len(rows) <= AT_ONCE:
        yield loaded.task.decode(outputs, features, rows)
        return
    row_of = rows_of(features, np.arange(count(features)))
    for begin, some in rows.parts(AT_ONCE):
        first, end = np.searchsorted(row_of, [begin, begin + len(some)])
        part = numbered_from(-begin, select(features, np.arange(first, end)))
        yield loaded.task.decode(outputs[first:end], part, some)


def outputs_for(loaded: LoadedRun, features: Features, *, batch_size: int | None = None) -> NDArray[np.float32]:
    """What the model makes of rows that are encoded: float32, shape (N, ...)."""
    from tunesmith.train.device import usable_device
    from tunesmith.train.evaluate import outputs_of

    device = usable_device(loaded.job.device)
    loaded.model.module.to(device)
    found: NDArray[np.float32] = outputs_of(
        loaded.task,
        loaded.model,
        features,
        batch_size=batch_size or loaded.job.evaluation.batch_size,
        device=device,
        autocast=nullcontext,
    )
    return found


def answers_of_rows(loaded: LoadedRun, rows: Rows) -> list[Any]:
    """The dear pass of a task that writes, over these rows."""
    from tunesmith.train.device import usable_device
    from tunesmith.train.evaluate import answers_of

    loaded.model.module.to(usable_device(loaded.job.device))
    return answers_of(loaded.task, loaded.model, rows, autocast=nullcontext)


def reading_problems(loaded: LoadedRun, rows: Rows) -> list[Problem]:
    """Warnings about texts that the model cannot read, or not to their end: it sees less of them than the user."""
    if loaded.model.text is None:
        return []
    task = loaded.catalog.tasks[loaded.job.task]
    found = task.call("check_rows", loaded.job, rows, loaded.facts, loaded.model.text)
    return [problem for problem in found if problem.code in UNREAD]


def text_rows(
    loaded: LoadedRun, texts: Sequence[str], *, file: Path = TYPED, lines: Sequence[int] | None = None
) -> Rows:
    """Rows that hold these texts, one each, from these `lines` of `file`; numbered from 1 where none are given. A chat
    model takes each as a user's first message.

    Raises TunesmithError use.no-text-input for runs that read no single text, and use.wrong-input for what is no text.
    """
    lines = range(1, len(texts) + 1) if lines is None else lines
    spelled: list[dict[str, str | None] | None] = []
    try:
        for text in texts:
            whole(text)
            spelled.append(_roles_in(loaded, text))
    except Refused as error:
        place = Place(file=file, line=lines[len(spelled)])
        raise TunesmithError("use.wrong-input", f"this text {error}", place=place) from None
    columns: dict[str, list[Any]]
    if spelled and all(each is not None for each in spelled):
        columns = {role: [each[role] for each in spelled if each is not None] for role in loaded.task.inputs()}
    else:
        role = text_role(loaded)
        is_chat = role == "messages"
        columns = {role: [[{"role": "user", "content": text}] if is_chat else text for text in texts]}
    return Rows(columns=columns, files=(file,), file_of=bytes(len(texts)), lines=lines)


def _roles_in(loaded: LoadedRun, text: str) -> dict[str, str | None] | None:
    """The roles that a text spells as a JSON object, where the model reads several texts; else None. Raises Refused."""
    roles = loaded.task.inputs()
    columns = loaded.catalog.tasks[loaded.job.task].member.columns
    if sum(roles.values()) < 2 or any(columns[role].holds != "text" for role in roles):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return None
    for value in found.values():
        whole(value)  # JSON may spell half of a character
    needed = {role for role, is_needed in roles.items() if is_needed}
    return {role: found.get(role) for role in roles} if needed <= set(found) <= set(roles) else None


def text_role(loaded: LoadedRun) -> str:
    """The role that a lone text plays. Raises TunesmithError use.no-text-input for runs that read no single text."""
    found = loaded.task.inputs()
    columns = loaded.catalog.tasks[loaded.job.task].member.columns
    needed = [role for role, is_needed in found.items() if is_needed]
    if len(needed) == 1 and columns[needed[0]].holds in ("text", "messages", "words"):
        return needed[0]
    object_ = json.dumps(dict.fromkeys(needed, "..."))
    other = f", or a JSON object a text: {object_}" if all(columns[role].holds == "text" for role in needed) else ""
    raise TunesmithError(
        "use.no-text-input",
        "this model does not read a single text",
        allowed=tuple(found),
        hint=f"give a file with the columns that the training file had{other}",
    )


def input_of(rows: Rows, row: int) -> Any:
    """What a row asks, to be shown beside its answer: its one value, or its values by role."""
    values = {role: column[row] for role, column in rows.columns.items()}
    only = next(iter(values.values())) if len(values) == 1 else values
    return only if isinstance(only, (str, int, float, list, tuple, dict)) else str(only)


def rows_of(role: str, values: Sequence[Any], files: Sequence[Path]) -> Rows:
    """Rows with one role, each from a file of its own or numbered within the file it shares."""
    known = tuple(dict.fromkeys(files))
    numbers = {file: number for number, file in enumerate(known)}
    seen: dict[Path, int] = {}
    lines = []
    for file in files:
        seen[file] = seen.get(file, 0) + 1
        lines.append(seen[file])
    return Rows(columns={role: list(values)}, files=known, file_of=[numbers[file] for file in files], lines=lines)
