"""Answers that stand in a text: where they begin and end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Batch, Facts, Outputs, TaskRuntime
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem
from tunesmith.job.job import Job
from tunesmith.members import Column, Task, UsualSplit
from tunesmith.options import Integer
from tunesmith.scores.metrics import Metric
from tunesmith.tasks.parts.windows import Windows, window_options, windows_for

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.answers_found import Answered

USUAL_LENGTH = 384
LONGEST = 30
_SQUAD = "Rajpurkar et al. 2016, arXiv:1606.05250"

MEMBER = Task(
    name="question-answering",
    help="Answers a question with words that stand in a text: begin and end are marked.",
    when="The answer is a part of a text that you have. For answers in other words take a task that writes text.",
    columns={
        "question": Column(help="What is asked.", guesses=("question", "query")),
        "context": Column(help="The text in which the answer stands.", guesses=("context", "passage", "paragraph")),
        "answer": Column(
            answer=True,
            help="The answer as it stands in the context: a text, or {text, answer_start} with several right ones. "
            "Empty where the context has none.",
            holds="spans",
            required=False,
            guesses=("answer", "answers", "answer_text"),
        ),
        "answer_start": Column(
            answer=True,
            help="The character of the context at which the answer begins, counted from 0; without it, the first place "
            "is taken where the answer stands.",
            holds="number",
            required=False,
            guesses=("answer_start", "start"),
        ),
    },
    options={
        **window_options(USUAL_LENGTH),
        "longest_answer": Integer(
            LONGEST,
            at_least=1,
            unit="tokens",
            help="No answer is longer than this.",
            advice="A little more than the longest answer of your rows; `check` says where it is too short.",
        ),
    },
    targets=("token",),
    metrics=(
        Metric(
            name="f1",
            lower_is_better=False,
            range="0 to 1",
            help="Mean overlap in words of the answers with the nearest right one; articles and punctuation do not "
            "count.",
            formula="mean of 2 * shared words / (words of both)",
            source=_SQUAD,
        ),
        Metric(
            name="exact_match",
            lower_is_better=False,
            range="0 to 1",
            help="Share of answers that equal a right one; articles and punctuation do not count.",
            formula="equal answers / questions",
            source=_SQUAD,
        ),
    ),
    default_metric="f1",
    models=("transformers", "bundled", "scratch", "python"),
    lengths_vary=True,
    split=UsualSplit(by="group", role="context", why="a context that was learnt gives away what is asked of it"),
    aliases_elsewhere={
        "qa": "",
        "extractive-qa": "",
        "extractive-question-answering": "",
        "reading-comprehension": "",
        "squad": "",
    },
)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Questions beside contexts."""
    names = {name.lower() for name in columns}
    return 95 if {"question", "context"} <= names else 0


def texts(rows: Rows) -> list[str]:
    """Every question and context: what a tokenizer is made from, where the model brings none."""
    from tunesmith.tasks.parts.answer_rows import texts_of

    return texts_of(rows)


def facts(job: Job, rows: Rows) -> Facts:
    """Whether some questions have no answer, and how long answers are."""
    from tunesmith.tasks.parts.answer_facts import answer_facts

    return answer_facts(rows)


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    from tunesmith.tasks.parts.answer_rows import read_question

    found = ((row, read_question(rows, row)) for row in range(len(rows)))
    return [(row, why) for row, why in found if isinstance(why, str)]


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Answers that do not stand where they should, questions that are too long, and what the model reads of it."""
    from tunesmith.tasks.parts.answer_facts import check_answers

    options = job.data.options
    windows = windows_for(options.get("max_length"), options.get("stride"), reads, usual=USUAL_LENGTH)
    return check_answers(rows, reads, windows, longest=options.get("longest_answer") or LONGEST)


def build(job: Job, facts: Facts) -> QuestionAnswering:
    """The task at work."""
    options = job.data.options
    return QuestionAnswering(
        may_be_none=bool(facts.values["unanswerable"]),
        usual_words=int(facts.values["usual_words"]),
        max_length=options.get("max_length"),
        stride=options.get("stride"),
        longest=options.get("longest_answer") or LONGEST,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswering(TaskRuntime):
    """Windows of a context, each behind the question; the model says of each token whether an answer begins or ends
    there, and of the first whether there is none."""

    may_be_none: bool
    usual_words: int
    max_length: int | None
    stride: int | None
    longest: int

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        # PEFT's own type for such models is left out: its wrapper drops `token_type_ids`
        return Head(
            auto="AutoModelForQuestionAnswering",
            reads="text",
            outputs=2,
            pipeline="question-answering",
            parts=("start_logits", "end_logits"),
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"question": True, "context": True}

    def usage_notes(self) -> Sequence[str]:
        first = "start_logits and end_logits say where the answer begins and ends; the first token stands for no answer"
        return [first if self.may_be_none else "start_logits and end_logits say where the answer begins and ends"]

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        return made_up_rows({role: made_up_texts(model, count, rng) for role in self.inputs()})

    def _windows(self, model: LoadedModel) -> Windows:
        from tunesmith.tasks.parts.texts import reads_of

        return windows_for(self.max_length, self.stride, reads_of(model), usual=USUAL_LENGTH)

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        from tunesmith.tasks.parts.answer_facts import question_rows
        from tunesmith.tasks.parts.question_windows import encode_questions

        return encode_questions(model, question_rows(rows), self._windows(model))

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, tokenizer_of

        windows = self._windows(model)
        return {"tokenizer": fingerprint(tokenizer_of(model)), "windows": [windows.length, windows.stride]}

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        return features["input_ids"].lengths  # type: ignore[union-attr]

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        import numpy as np

        return np.ones(len(features["row"]))

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        """Beside the padded texts `lengths`, a number for each of them, and `targets` (B, 2) where there are any."""
        import numpy as np
        import torch

        from tunesmith.tasks.parts.texts import pad

        batch: Batch = pad(features, rows)
        batch["lengths"] = features["input_ids"].lengths_of(rows).tolist()  # type: ignore[union-attr]
        if "start" in features:
            targets = [np.asarray(features[name])[rows] for name in ("start", "stop")]
            batch["targets"] = torch.from_numpy(np.stack(targets, axis=1))
        return batch

    def example(self, model: LoadedModel) -> Batch:
        from tunesmith.tasks.parts.texts import example_texts

        return {**example_texts(), "lengths": [8, 8]}

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        """Of each sample the mean of the losses of beginning and end, over its own tokens: padding is no choice."""
        import torch

        from tunesmith.tasks.parts.texts import token_forward

        logits, targets = token_forward(model, batch, 2), batch["targets"]
        lengths = batch["lengths"]
        parts = []
        for length in sorted(set(lengths)):
            rows = torch.tensor([row for row, each in enumerate(lengths) if each == length], device=logits.device)
            parts += [loss(logits[rows, :length, part], targets[rows, part]).sum() for part in (0, 1)]
        return torch.stack(parts).sum() / 2

    def outputs(self, model: LoadedModel, batch: Batch) -> Sequence[torch.Tensor]:
        from tunesmith.tasks.parts.texts import token_forward

        logits = token_forward(model, batch, 2)
        return [logits[row, :length] for row, length in enumerate(batch["lengths"])]

    def _found(self, outputs: Outputs, features: Features) -> list[Answered]:
        from tunesmith.tasks.parts.answers_found import answers_found

        return answers_found(outputs, features, longest=self.longest, may_be_none=self.may_be_none)

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        from tunesmith.tasks.parts.answers_found import figures

        return {name: float(values.mean()) for name, values in figures(self._found(outputs, features)).items()}

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        """The mean over a row's windows."""
        import numpy as np

        from tunesmith.tasks.parts.answers_found import window_losses

        row = np.asarray(features["row"], np.int64)
        sums = np.bincount(row, weights=window_losses(outputs, features))
        return np.asarray(sums / np.bincount(row))

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        from tunesmith.tasks.parts.judge_answers import judge_answers

        asked = None if rows is None else [str(cell) for cell in rows.columns["question"]]
        finite = [bool(abs(each).max(initial=0.0) < float("inf")) for each in outputs]
        return judge_answers(
            self._found(outputs, features), asked, usual_words=self.usual_words, not_finite=finite.count(False)
        )

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        return [found.as_json() for found in self._found(outputs, features)]
