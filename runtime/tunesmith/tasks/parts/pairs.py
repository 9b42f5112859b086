"""Rows of texts that belong together: an anchor, what is right for it, negatives, or a score. Free of torch and numpy.

The texts of a row have a place each: the anchor, the positive, then the negatives in the order of their columns.
"""

from __future__ import annotations

from collections.abc import Sequence

from tunesmith.contracts.task import Facts
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.number_cells import number, number_hint
from tunesmith.tasks.parts.texts import text_of

LISTED = 3


def text_columns(rows: Rows) -> list[list[str]]:
    """The texts by place, each of all rows; an empty text where a row has no such negative."""
    found = [[text_of(cell) for cell in rows.columns[role]] for role in ("anchor", "positive") if role in rows.columns]
    cells = rows.columns.get("negative")
    if cells is None or not len(rows):
        return found
    several = [cell if isinstance(cell, tuple) else (cell,) for cell in cells]
    return [*found, *([text_of(cell) for cell in column] for column in zip(*several, strict=True))]


def pair_facts(job: Job, rows: Rows) -> Facts:
    """Whether rows are judged by a score or by their right text, with the range of the scores.

    Raises data.score-and-negative, data.no-negatives, data.equal-scores and data.not-a-number.
    """
    if "score" not in rows.columns:
        _refuse_alike(job, rows)
        return Facts(values={"target": "match", "negatives": len(text_columns(rows)) - 2})
    if "negative" in rows.columns:
        raise TunesmithError(
            "data.score-and-negative",
            "a pair has a score, or a right text and negatives: the two are learnt in different ways",
            place=Place(file=job.file, key="data"),
            found="columns for score and negative",
            hint="rename or remove one of the columns, so that it is not read",
        )
    scores = [found for cell in rows.columns["score"] if (found := number(cell)) is not None]
    if not scores:
        cell = rows.columns["score"][0]
        raise TunesmithError(
            "data.not-a-number",
            "no training row has a score that is a number",
            place=rows.place(0),
            found=f"{cell!r:.60}",
            hint=number_hint(cell),
        )
    low, high = min(scores), max(scores)
    if low == high:
        raise TunesmithError(
            "data.equal-scores",
            "all scores are equal, so there is nothing to learn from them",
            place=rows.place(0),
            found=f"{low:g}",
            hint="rename or remove the column where all pairs belong together: then other rows are the negatives",
        )
    return Facts(values={"target": "similarity", "negatives": 0, "low": low, "high": high})


def _refuse_alike(job: Job, rows: Rows) -> None:
    """Raise data.no-negatives where no row has a text that is wrong for it."""
    if "negative" in rows.columns and any(any(column) for column in text_columns(rows)[2:]):
        return
    for role in ("anchor", "positive"):
        cells = rows.columns[role]
        first = text_of(cells[0])
        if all(text_of(cell) == first for cell in cells):
            raise TunesmithError(
                "data.no-negatives",
                f"every training row has the same {role}, so no row holds a text that is wrong for another one",
                place=rows.place(0),
                found=f"{first!r:.60}",
                hint="add rows with other texts, or a column of negatives",
            )
    if job.training.batch_size == 1:
        raise TunesmithError(
            "data.no-negatives",
            "the negatives of a row are the texts of the others in its batch, and a batch of 1 has none",
            place=Place(file=job.file, key="training.batch_size"),
            found="1",
            hint="raise training.batch_size: 32 and above; micro_batch_size may stay small",
        )


def unusable_pairs(rows: Rows) -> list[tuple[int, str]]:
    """Rows whose score is no number."""
    cells = rows.columns.get("score", ())
    return [(row, f"its score holds {cell!r:.60}") for row, cell in enumerate(cells) if number(cell) is None]


def check_pairs(rows: Rows) -> list[Problem]:
    """Scores that are none, pairs of one text twice, negatives that are right."""
    problems = []
    if "score" in rows.columns:
        cells = rows.columns["score"]
        bad = [(row, f"{cells[row]!r:.60}") for row, _ in unusable_pairs(rows)]
        problems += findings(
            "data.not-a-number",
            "this row has a score that is not a finite number",
            bad,
            rows,
            hint=number_hint(cells[bad[0][0]]) if bad else "",
        )
    columns = text_columns(rows)
    if len(columns) < 2:
        return problems
    anchors, positives, *negatives = columns
    same = [row for row, texts in enumerate(zip(anchors, positives, strict=True)) if texts[0] == texts[1]]
    if same and "score" not in rows.columns:
        problems.append(
            _counted(
                "data.pair-of-equals",
                f"{len(same)} of {len(rows)} rows have one text as anchor and as positive: they teach nothing",
                rows,
                same,
                hint="remove them, or name other columns",
            )
        )
    right: dict[str, set[str]] = {}
    for anchor, positive in zip(anchors, positives, strict=True):
        right.setdefault(anchor, {anchor}).add(positive)
    wrong = [row for row in range(len(rows)) if any(column[row] in right[anchors[row]] for column in negatives)]
    if wrong:
        problems.append(
            _counted(
                "data.negative-is-positive",
                f"{len(wrong)} of {len(rows)} rows have a negative that is right for their anchor: it is left out",
                rows,
                wrong,
                hint="remove it, or decide which it is",
            )
        )
    return problems


def _counted(code: str, message: str, rows: Rows, found: Sequence[int], *, hint: str) -> Problem:
    where = rows.place(found[0])
    return Problem(code=code, message=message, place=where, found=rows.named(found), hint=hint, severity="warning")


def scores_of(rows: Rows, low: float, high: float) -> list[float]:
    """The scores: as they are where all training scores lie within -1 and 1, else stretched to 0 and 1.

    Raises data.not-a-number.
    """
    found = []
    for row, cell in enumerate(rows.columns["score"]):
        value = number(cell)
        if value is None:
            raise TunesmithError(
                "data.not-a-number",
                "the score of this row must be a finite number",
                place=rows.place(row),
                found=f"{cell!r:.60}",
                hint=number_hint(cell),
            )
        found.append(value)
    if low >= -1 and high <= 1:
        return found
    return [(value - low) / (high - low) for value in found]
