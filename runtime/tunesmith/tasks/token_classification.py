"""A tag for each word: names in a text, or parts of speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import Batch, Facts, Outputs, TaskRuntime
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem
from tunesmith.job.job import Job
from tunesmith.members import Column, Task
from tunesmith.options import OneOf, Texts
from tunesmith.scores.metrics import Metric
from tunesmith.tasks.parts.tags import SCHEMES
from tunesmith.tasks.parts.windows import window_options, windows_for

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
    from tunesmith.tasks.parts.windows import Windows

USUAL_LENGTH = 256
_SEQEVAL = "seqeval in strict mode (IOB2)"

MEMBER = Task(
    name="token-classification",
    help="Gives each word a tag: names of people and places in a text, parts of speech.",
    when="You want to know where in a text something stands. For one label a text take text-classification.",
    columns={
        "words": Column(
            help="The words of a sentence, as a list.",
            holds="words",
            required=False,
            guesses=("words", "tokens", "form"),
        ),
        "tags": Column(
            answer=True,
            help="A tag for each word, as a list: B-PER, I-PER, O, or a part of speech.",
            holds="words",
            required=False,
            guesses=("tags", "ner_tags", "pos_tags", "upos", "ner", "pos", "labels"),
        ),
        "text": Column(
            help="The text, where the entities are told by the characters at which they stand.",
            required=False,
            guesses=("text", "sentence", "content", "document"),
        ),
        "entities": Column(
            answer=True,
            help="The entities in the text, a list of {start, end, label}: counted in characters from 0, `end` behind "
            "the last one.",
            holds="spans",
            required=False,
            guesses=("entities", "spans", "ents", "annotations", "label"),
        ),
    },
    options={
        **window_options(USUAL_LENGTH),
        "scheme": OneOf(
            "auto",
            values=("auto", *SCHEMES),
            help="How tags spell entities; auto finds out from the training rows, and `check` says what it found.",
            advice="Name it where auto is wrong: plain for tags that are no entities, such as parts of speech.",
        ),
        "labels": Texts(
            None,
            help="The names of tags that stand as numbers from 0.",
            advice="Leave it out where the tags are names.",
        ),
    },
    targets=("class",),
    metrics=(
        Metric(
            name="f1",
            lower_is_better=False,
            range="0 to 1",
            help="F1 over all entities: right is one with the same words and the same type. Of plain tags, every word "
            "counts as an entity.",
            formula="2 * right / (answered + true)",
            source=_SEQEVAL,
        ),
        Metric(
            name="f1_macro",
            lower_is_better=False,
            range="0 to 1",
            help="Mean of the types' F1, each counting the same.",
            formula="mean over types of 2 * right / (answered + true)",
            source=_SEQEVAL,
        ),
        Metric(
            name="precision",
            lower_is_better=False,
            range="0 to 1",
            help="Share of the answered entities that are right.",
            formula="right / answered",
            source=_SEQEVAL,
        ),
        Metric(
            name="recall",
            lower_is_better=False,
            range="0 to 1",
            help="Share of the true entities that are found.",
            formula="right / true",
            source=_SEQEVAL,
        ),
        Metric(
            name="accuracy",
            lower_is_better=False,
            range="0 to 1",
            help="Share of words with the right tag; high for a model that finds nothing where most words are O.",
            formula="right words / words",
        ),
    ),
    default_metric="f1",
    models=("transformers", "bundled", "scratch", "python"),
    lengths_vary=True,
    alternatives=(("words", "tags"), ("text", "entities")),
    aliases_elsewhere={
        "ner": "",
        "named-entity-recognition": "",
        "pos-tagging": "",
        "sequence-labeling": "",
        "sequence-tagging": "",
        "chunking": "",
    },
)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Files of tagged words, or columns that are named like theirs."""
    names = {name.lower() for name in columns}
    tagged = {"words", "tokens"} & names and {"tags", "ner_tags", "pos_tags", "upos"} & names
    return 95 if reader == "conll" or tagged or {"text", "entities"} <= names else 0


def texts(rows: Rows) -> list[str]:
    """Every training text: what a tokenizer is made from, where the model brings none."""
    from tunesmith.tasks.parts.tagged_rows import TEXT, WORDS, words_of_row

    form = TEXT if TEXT in rows.columns and WORDS not in rows.columns else WORDS
    return [words_of_row(rows, row, form).text for row in range(len(rows))]


def facts(job: Job, rows: Rows) -> Facts:
    """The form of the rows, the scheme of their tags, the tags that the model gives, and what most words are."""
    from tunesmith.tasks.parts.tag_facts import tag_facts

    return tag_facts(job, rows)


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    from tunesmith.tasks.parts.tag_facts import unusable_tags

    return unusable_tags(job, rows, facts)


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Rows that cannot be used, impossible tags, unknown types, spans within words, and what the model reads of it."""
    from tunesmith.tasks.parts.tag_facts import check_tags

    return check_tags(job, rows, facts, reads, _windows(job, reads))


def _windows(job: Job, reads: TextFormat | None) -> Windows:
    options = job.data.options
    return windows_for(options.get("max_length"), options.get("stride"), reads, usual=USUAL_LENGTH)


def build(job: Job, facts: Facts) -> TokenClassification:
    """The task at work."""
    options = job.data.options
    return TokenClassification(
        facts=facts,
        names=tuple(options.get("labels") or ()),
        max_length=options.get("max_length"),
        stride=options.get("stride"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClassification(TaskRuntime):
    """Windows of rows; the first token of a word stands for it, the others are neither learnt nor judged."""

    facts: Facts
    names: tuple[str, ...]
    max_length: int | None
    stride: int | None

    @property
    def form(self) -> str:
        """Which role is read: words or text."""
        return str(self.facts.values["form"])

    @property
    def scheme(self) -> str:
        """How the tags of the data spell entities."""
        return str(self.facts.values["scheme"])

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        return Head(
            auto="AutoModelForTokenClassification",
            reads="text",
            outputs=len(self.facts.labels),
            labels=self.facts.labels,
            adapters="TOKEN_CLS",
            pipeline="token-classification",
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {self.form: True}

    def usage_notes(self) -> Sequence[str]:
        read = "the first token of a word has its tag; those of its other tokens mean nothing: take "
        return [read + 'pipeline("token-classification", ..., aggregation_strategy="first")']

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        return made_up_rows({self.form: made_up_texts(model, count, rng)})

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        """Beside the tokens `tags` (Ragged, int32): of each word judged in the sample, the number of its tag."""
        from tunesmith.tasks.parts.tag_facts import tags_of_rows
        from tunesmith.tasks.parts.tagged_rows import words_of_row
        from tunesmith.tasks.parts.texts import reads_of
        from tunesmith.tasks.parts.word_tokens import encode_words, like

        words = [words_of_row(rows, row, self.form) for row in range(len(rows))]
        windows = windows_for(self.max_length, self.stride, reads_of(model), usual=USUAL_LENGTH)
        features = encode_words(model, words, windows)
        tags = tags_of_rows(rows, self.facts, self.names)
        return features if tags is None else {**features, "tags": like(features["place"], tags)}

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, reads_of, tokenizer_of

        windows = windows_for(self.max_length, self.stride, reads_of(model), usual=USUAL_LENGTH)
        return {
            "tokenizer": fingerprint(tokenizer_of(model)),
            "windows": [windows.length, windows.stride],
            "form": self.form,
            "scheme": self.scheme,
            "labels": list(self.facts.labels),
            "names": list(self.names),
        }

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        return features["input_ids"].lengths  # type: ignore[union-attr]

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        from tunesmith.tasks.parts.word_tokens import own_tokens

        return own_tokens(features)

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        """Beside the padded texts `at` (K,): where in the flattened batch (B * L) the K words with a token of their own
        stand, and `counts` (B,): how many of them each sample has."""
        from tunesmith.tasks.parts.texts import pad
        from tunesmith.tasks.parts.word_tokens import places_in

        batch: Batch = pad(features, rows)
        return batch | places_in(features, rows, width=batch["input_ids"].shape[1])

    def example(self, model: LoadedModel) -> Batch:
        import torch

        from tunesmith.tasks.parts.texts import example_texts

        return {**example_texts(), "at": torch.arange(16), "counts": torch.tensor([8, 8])}

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return loss(self._logits(model, batch), batch["tags"]).sum()

    def _logits(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        """The outputs of the words, (K, tags)."""
        from tunesmith.tasks.parts.texts import token_forward

        return token_forward(model, batch, len(self.facts.labels)).flatten(0, 1)[batch["at"]]

    def outputs(self, model: LoadedModel, batch: Batch) -> Sequence[torch.Tensor]:
        import torch

        return torch.split(self._logits(model, batch), batch["counts"].tolist())

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        from tunesmith.tasks.parts.tag_answers import TagAnswers

        return TagAnswers.of(outputs, features, self.facts).metrics()

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        """The mean cross-entropy of a row's words."""
        from tunesmith.tasks.parts.tag_answers import TagAnswers

        return TagAnswers.of(outputs, features, self.facts).row_losses()

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        from tunesmith.tasks.parts.judge_tags import judge_tags
        from tunesmith.tasks.parts.tag_answers import TagAnswers
        from tunesmith.tasks.parts.tagged_rows import words_of_row

        words = None if rows is None else [words_of_row(rows, row, self.form) for row in range(len(rows))]
        return judge_tags(TagAnswers.of(outputs, features, self.facts), self.facts, words)

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        from tunesmith.tasks.parts.tag_answers import TagAnswers
        from tunesmith.tasks.parts.tagged_rows import words_of_row

        words = [words_of_row(rows, row, self.form) for row in range(len(rows))]
        return TagAnswers.of(outputs, features, self.facts).decode(words)
