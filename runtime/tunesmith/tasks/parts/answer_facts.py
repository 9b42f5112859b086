"""What rows of questions say before any model is there, and what is wrong with them. No numpy: `check` answers at
once."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from tunesmith.contracts.task import Facts
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem, TunesmithError
from tunesmith.tasks.parts.answer_rows import QuestionRow, read_question
from tunesmith.tasks.parts.findings import findings

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat
    from tunesmith.tasks.parts.windows import Windows


def answer_facts(rows: Rows) -> Facts:
    """Whether some questions have no answer, and how many words an answer usually has. Raises data.no-input."""
    if "answer" not in rows.columns:
        raise TunesmithError(
            "data.no-input",
            "there is nothing to learn from: no column has the answers",
            found=", ".join(sorted(rows.columns)),
            hint="add `answer: COLUMN` under `data:`",
        )
    read = [found for row in range(len(rows)) if isinstance(found := read_question(rows, row), QuestionRow)]
    lengths = [len(each.answers[0][0].split()) for each in read if each.answers]
    return Facts(
        values={
            "target": "token",
            "unanswerable": sum(not each.answers for each in read),
            "usual_words": int(median(lengths)) if lengths else 1,
        }
    )


def question_rows(rows: Rows) -> list[QuestionRow]:
    """All rows. Raises data.bad-answer for one that cannot be used."""
    found = []
    for row in range(len(rows)):
        asked = read_question(rows, row)
        if isinstance(asked, str):
            raise TunesmithError("data.bad-answer", f"this row cannot be used: {asked}", place=rows.place(row))
        found.append(asked)
    return found


def check_answers(rows: Rows, reads: TextFormat | None, windows: Windows, *, longest: int) -> list[Problem]:
    """Everything that is wrong or doubtful about these rows."""
    read = [(row, read_question(rows, row)) for row in range(len(rows))]
    bad = [(row, why) for row, why in read if isinstance(why, str)]
    usable = [(row, asked) for row, asked in read if isinstance(asked, QuestionRow)]
    moved = [(row, asked.moved) for row, asked in usable if asked.moved]
    problems = [
        *findings(
            "data.bad-answer",
            "this row cannot be used",
            bad,
            rows,
            hint="mend the row, remove it, or write `bad_rows: skip`",
        ),
        *findings(
            "data.several-places",
            "this answer stands more than once in its context, and the row does not say where",
            moved,
            rows,
            hint="add a column `answer_start`; the wrong place teaches the wrong words around it",
            severity="warning",
        ),
    ]
    if usable and not any(asked.answers for _, asked in usable) and "answer" in rows.columns:
        problems.append(
            Problem(
                code="data.no-answers",
                message="none of these questions has an answer: a model learns that there never is one",
                place=rows.place(usable[0][0]),
                hint="look whether `answer` names the right column",
                severity="warning",
            )
        )
    if reads is None or reads.tokenizer is None or not usable:
        return problems
    return problems + _as_read(rows, usable, reads, windows, longest)


def _as_read(
    rows: Rows, usable: list[tuple[int, QuestionRow]], reads: TextFormat, windows: Windows, longest: int
) -> list[Problem]:
    """What the model's tokenizer makes of questions, contexts and answers."""
    from tunesmith.tasks.parts.question_windows import answer_tokens, cut_rows, pair_of
    from tunesmith.tasks.parts.tokens import check_tokens
    from tunesmith.tasks.parts.windows import window_notes

    assert reads.tokenizer is not None
    some = rows.select([row for row, _ in usable])
    asked = [each for _, each in usable]
    try:
        pair = pair_of(reads.tokenizer)
        cuts = cut_rows(reads.tokenizer, [(each.question, each.context) for each in asked], windows, pair)
    except TunesmithError as error:  # a window without room
        return list(error.problems)
    problems = window_notes(some, [len(cut.spans) for cut in cuts], windows, what="contexts with their questions")
    problems += findings(
        "data.text-too-long",
        "this question takes more than half of a window: its end is cut off",
        [(row, f"{cut.left_out} tokens too many") for row, cut in enumerate(cuts) if cut.left_out],
        some,
        hint="shorten the question, or raise data.max_length",
        severity="warning",
    )
    places = [answer_tokens(each, cut.offsets) for each, cut in zip(asked, cuts, strict=True)]
    lengths = [0 if place is None else place[1] - place[0] + 1 for place in places]
    whole = [
        place is None or any(begin <= place[0] and place[1] < end for begin, end in cut.spans)
        for place, cut in zip(places, cuts, strict=True)
    ]
    long = [row for row, length in enumerate(lengths) if length > longest or not whole[row]]
    problems += findings(
        "data.answer-too-long",
        f"this answer has more than {longest} tokens, or stands whole in no window: the model cannot give it",
        [(row, f"{lengths[row]} tokens") for row in long],
        some,
        hint="raise data.longest_answer (and data.stride, which an answer must fit into), or shorten the answer",
        severity="warning",
    )
    ids = [[*cut.question, *cut.context] for cut in cuts]
    return problems + check_tokens(some, ids, [f"{each.question}\n{each.context}" for each in asked], reads)
