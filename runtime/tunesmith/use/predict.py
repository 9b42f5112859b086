"""Answers of a run's model for new rows or texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.data.rows import Rows
from tunesmith.data.values import Refused, whole
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.tasks.contract import UNREAD
from tunesmith.use.load import LoadedRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tunesmith.data.features import Features

TYPED = Path("<text>")
"""Stands for the file of texts that came from no file."""


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
    list of file, line, text and similarity. Equal ones stay in their order."""
    import numpy as np

    task = loaded.task
    _, asked = features_and_outputs(loaded, queries, batch_size=batch_size)
    looked_at = [task.to_find(rows) for rows in files]
    outputs = [features_and_outputs(loaded, rows, batch_size=batch_size)[1] for rows in looked_at]
    near = np.hstack([task.found_by(asked, each) for each in outputs])
    places = [(rows, row) for rows in looked_at for row in range(len(rows))]
    order = np.argsort(-near, axis=1, kind="stable")[:, :most]
    return [
        {"found": [_found(places[number], float(line[number])) for number in best]}
        for line, best in zip(near, order.tolist(), strict=True)
    ]


def _found(where: tuple[Rows, int], similarity: float) -> dict[str, Any]:
    rows, row = where
    place, cells = rows.place(row), [str(column[row]) for column in rows.columns.values()]
    return {"file": str(place.file), "line": place.line, "text": " | ".join(cells), "similarity": similarity}


def predict_outputs(loaded: LoadedRun, rows: Rows, *, batch_size: int | None = None) -> NDArray[np.float32]:
    """The raw outputs (logits, values) for `rows`, float32, shape (N, ...); computed in float32, batched by length."""
    return features_and_outputs(loaded, rows, batch_size=batch_size)[1]


def features_and_outputs(
    loaded: LoadedRun, rows: Rows, *, batch_size: int | None = None
) -> tuple[Features, NDArray[np.float32]]:
    """What the task makes of `rows`, and the model of that."""
    from tunesmith.train.device import usable_device
    from tunesmith.train.evaluate import outputs_of

    device = usable_device(loaded.job.device)
    loaded.model.module.to(device)
    features = loaded.task.encode(rows, loaded.model)
    outputs = outputs_of(
        loaded.task,
        loaded.model,
        features,
        batch_size=batch_size or loaded.job.evaluation.batch_size,
        device=device,
        autocast=nullcontext,
    )
    return features, outputs


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


def text_rows(loaded: LoadedRun, texts: Sequence[str]) -> Rows:
    """Rows that hold these texts, one each, numbered from 1. A chat model takes each as a user's first message.

    Raises TunesmithError use.no-text-input for runs that read no single text, and use.wrong-input for what is no text.
    """
    number = 0
    told: list[dict[str, str | None] | None] = []
    try:
        for number, text in enumerate(texts, 1):  # noqa: B007 - which one it was
            whole(text)
            told.append(_roles_in(loaded, text))
    except Refused as error:
        raise TunesmithError("use.wrong-input", f"this text {error}", place=Place(file=TYPED, line=number)) from None
    if told and all(each is not None for each in told):
        roles = loaded.task.inputs()
        rows = rows_of("", [None] * len(texts), [TYPED] * len(texts))
        return replace(rows, columns={role: [each[role] for each in told if each is not None] for role in roles})
    role = text_role(loaded)
    cells: list[Any] = list(texts)
    if role == "messages":
        cells = [[{"role": "user", "content": text}] for text in texts]
    return rows_of(role, cells, [TYPED] * len(texts))


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
    told = f", or a JSON object a text: {object_}" if all(columns[role].holds == "text" for role in needed) else ""
    raise TunesmithError(
        "use.no-text-input",
        "this model does not read a single text",
        allowed=tuple(found),
        hint=f"give a file with the columns that the training file had{told}",
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
