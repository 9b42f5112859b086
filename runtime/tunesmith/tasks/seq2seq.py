"""Text from text: translation, summarisation, rewriting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tunesmith.contracts.task import REPORTED_ROWS, Batch, Facts, Outputs, Untuned
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.job.advice import FRESH_SOURCES
from tunesmith.job.job import Job
from tunesmith.members import Column, Task, UsualOptimizer
from tunesmith.options import Integer, Real, Text
from tunesmith.scores.metrics import OF_TOKENS
from tunesmith.scores.texts import OF_TEXTS
from tunesmith.tasks.parts.token_losses import TokenLosses, nats_by_row

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
    from tunesmith.tasks.parts.source_target import Pairs
    from tunesmith.tasks.parts.teacher_forcing import TeacherForcing
    from tunesmith.tasks.parts.writing import Writing

MEMBER = Task(
    name="seq2seq",
    help="Reads a text and writes another: translation, summaries, corrections, any rewriting.",
    when="Each row has a text and the text that is to become of it. To go on with a text, or to chat, take causal-lm.",
    columns={
        "source": Column(
            help="The text that is read.",
            guesses=("source", "src", "input", "text", "article", "document", "dialogue", "original", "sentence"),
        ),
        "target": Column(
            answer=True,
            help="The text that is to be written.",
            guesses=(
                "target",
                "tgt",
                "translation",
                "summary",
                "highlights",
                "abstract",
                "headline",
                "output",
                "reference",
                "corrected",
                "simplified",
            ),
        ),
    },
    options={
        "prefix": Text(
            None,
            help="A text put before every source, such as `translate English to German: ` (with the space at its end).",
            advice="T5 wants one of those that it was pretrained with; other models want none.",
        ),
        "source_language": Text(
            None,
            help="The code of the sources' language, for models of many languages (mBART: en_XX, NLLB: eng_Latn).",
            advice="`check` lists the codes that the model knows.",
        ),
        "target_language": Text(
            None,
            help="The code of the targets' language, for models of many languages (mBART: de_DE, NLLB: deu_Latn).",
            advice="`check` lists the codes that the model knows.",
        ),
        "max_length": Integer(
            None,
            at_least=2,
            unit="tokens",
            help="Longer sources are cut; none means 512, or the model's window if that is shorter.",
            advice="`check` says how many are cut; time grows with the texts, not with this limit.",
        ),
        "max_target_length": Integer(
            None,
            at_least=2,
            unit="tokens",
            help="Longer targets are cut, and no longer text is written; none means 128, or the model's window.",
            advice="Long enough for nearly all targets: what is cut off is never learnt.",
        ),
        "beams": Integer(
            1,
            at_least=1,
            at_most=64,
            help="How many texts are followed at once when one is written; 1 takes the likeliest token each time.",
            advice="4 is usual for translation: a little better, and slower.",
        ),
        "length_penalty": Real(
            1.0,
            help="Among beams, above 1 for longer texts, below 1 for shorter ones.",
            advice="Leave it, unless the report says that answers are too short or too long.",
        ),
        "no_repeat": Integer(
            0,
            at_least=0,
            unit="tokens",
            help="No run of so many tokens is written twice in a text; 0 allows all.",
            advice="3 for summaries of models that repeat themselves.",
        ),
        "answered_rows": Integer(
            100,
            at_least=0,
            unit="rows",
            help="Of so many validation rows texts are written at each evaluation; the report has up to 1,000.",
            advice="More for figures that jump less; 0 writes none before the report.",
        ),
    },
    targets=("token",),
    metrics=(*OF_TOKENS, *OF_TEXTS),
    default_metric="loss",
    models=("transformers", "scratch", "python"),
    lengths_vary=True,
    multilingual=("google/mt5-small", "facebook/mbart-large-50"),
    from_scratch=UsualOptimizer(
        name="adafactor",
        why="takes steps in proportion to the weights, so a T5 from random weights learns to read its source sooner",
    ),
    aliases_elsewhere={
        "translation": "",
        "machine-translation": "",
        "summarization": "",
        "summarisation": "",
        "text2text-generation": "",
        "text2text": "",
        "sequence-to-sequence": "",
        "paraphrasing": "",
        "grammar-correction": "",
    },
)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """A text and another that is to become of it."""
    names = {name.lower() for name, kind in columns.items() if kind == "text"}
    pairs = ({"source", "target"}, {"src", "tgt"}, {"article", "highlights"}, {"document", "summary"})
    more = ({"text", "summary"}, {"dialogue", "summary"}, {"article", "summary"}, {"source", "translation"})
    if any(pair <= names for pair in (*pairs, *more)):
        return 85
    return 75 if len(names) == 2 == len(columns) and all(len(name) == 2 for name in names) else 0


def model_for(columns: Mapping[str, Sequence[str]]) -> Any:
    """A small model of a size for sentences, which knows nothing yet: none that does is on every machine."""
    return {"scratch": {"layers": 3, "width": 256, "vocabulary": 8000, "window": 256}}


def facts(job: Job, rows: Rows) -> Facts:
    """Nothing of the rows must be remembered."""
    return Facts(values={"target": "token"})


def texts(rows: Rows) -> Iterator[str]:
    """Sources and targets: a tokenizer made from them writes both."""
    from tunesmith.tasks.parts.rows_as_text import texts_in

    return texts_in(rows)


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Languages that the model does not know, texts that are cut, targets that the tokenizer cannot write, and targets
    that are their sources."""
    from tunesmith.tasks.parts.check_source_target import check_sources_and_targets

    problems = []
    metric = job.evaluation.metric
    if MEMBER.metric(metric).dear and not _options(job)["answered_rows"]:
        problems.append(
            Problem(
                code="job.metric-not-measured",
                message=f"{metric} is a figure of written texts, and the job has none written at evaluations",
                place=Place(key="evaluation.metric"),
                found="answered_rows: 0",
                hint="raise data.answered_rows, or choose by loss: `evaluation: {metric: loss}`",
            )
        )
    return problems + check_sources_and_targets(rows, reads, _pairs(job), metric=metric, known=MEMBER.multilingual)


def build(job: Job, facts: Facts) -> Seq2Seq:
    """The task at work."""
    from tunesmith.tasks.parts.teacher_forcing import TeacherForcing

    options = _options(job)
    return Seq2Seq(
        pairs=_pairs(job),
        beams=options["beams"],
        length_penalty=options["length_penalty"],
        no_repeat=options["no_repeat"],
        most_answered=options["answered_rows"],
        batch_size=job.evaluation.batch_size,
        begins_at_random=job.model.name in FRESH_SOURCES,
        forcing=TeacherForcing(),
    )


def _options(job: Job) -> dict[str, Any]:
    return {name: job.data.options.get(name, option.default) for name, option in MEMBER.options.items()}


def _pairs(job: Job) -> Pairs:
    from tunesmith.tasks.parts.source_target import Pairs

    options = _options(job)
    names = ("source_language", "target_language", "max_length", "max_target_length")
    return Pairs(prefix=options["prefix"] or "", **{name: options[name] for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seq2Seq(TokenLosses):
    """Padded batches of sources and targets; loss by target token, figures by token and by written text."""

    writes: ClassVar[bool] = True
    generates: ClassVar[bool] = True
    pairs: Pairs
    beams: int
    length_penalty: float
    no_repeat: int
    most_answered: int
    batch_size: int
    begins_at_random: bool
    forcing: TeacherForcing

    @property
    def answered_rows(self) -> int:
        return self.most_answered

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        return Head(
            auto="AutoModelForSeq2SeqLM",
            reads="text",
            outputs=0,
            is_new=False,
            adapters="SEQ_2_SEQ_LM",
            pipeline="translation" if self.pairs.target_language else "text2text-generation",
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"source": True, **({"target": True} if judged else {})}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        return made_up_rows({role: made_up_texts(model, count, rng) for role in ("source", "target")})

    def generation(self, model: LoadedModel) -> Any:
        """The job's search, between the tokens that targets were learnt with; nothing of what the folder asked for."""
        from transformers import GenerationConfig

        from tunesmith.tasks.parts.texts import reads_of
        from tunesmith.tasks.parts.writing import settings_of

        reads = reads_of(model)
        found = settings_of(model.pretrained, reads, self.pairs.around_target(reads), self.writing(model))
        return GenerationConfig(**found)  # type: ignore[no-untyped-call]

    def usage(self) -> Sequence[str]:
        text = repr(f"{self.pairs.prefix}A text to read.")
        language = self.pairs.source_language
        return (
            *([f'tokenizer.src_lang = "{language}"'] if language else []),
            f'inputs = tokenizer([{text}], return_tensors="pt")',
            "print(tokenizer.batch_decode(model.generate(**inputs), skip_special_tokens=True))",
        )

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        import numpy as np

        from tunesmith.tasks.parts.source_target import ragged
        from tunesmith.tasks.parts.texts import reads_of

        refuse_other_models(model)
        reads = reads_of(model)
        features: dict[str, Any] = {"input_ids": ragged(self.pairs.sources(rows, reads), reads)}
        if "target" in rows.columns:
            labels = ragged(self.pairs.targets(rows, reads), reads)
            features |= {"labels": labels, "targets": labels.lengths.astype(np.int64)}
        return features

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, reads_of, tokenizer_of

        return {"tokenizer": fingerprint(tokenizer_of(model)), **self.pairs.key(reads_of(model))}

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        lengths: NDArray[np.int64] = features["input_ids"].lengths  # type: ignore[union-attr]
        return lengths + features["labels"].lengths if "labels" in features else lengths  # type: ignore[union-attr]

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        from tunesmith.tasks.parts.source_target import collate_pairs

        return collate_pairs(features, rows)

    def example(self, model: LoadedModel) -> Batch:
        from tunesmith.tasks.parts.source_target import example_pairs

        return example_pairs()

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return self.forcing.loss_sum(model, batch, loss)

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        import torch

        if "labels" not in batch:  # nothing was said of the answer: there is no likelihood to tell
            return torch.zeros((len(batch["input_ids"]), 2), device=batch["input_ids"].device)
        return nats_by_row(self.forcing.logits(model, batch), batch["target"], batch["row"], batch["counts"])

    def answers(self, model: LoadedModel, rows: Rows, between: Callable[[int], None]) -> list[Any]:
        return self._write(model, rows, self.writing(model), between)

    def answer_metrics(self, answers: Sequence[Any], rows: Rows) -> dict[str, float]:
        from tunesmith.scores.texts import overlap

        sources, targets = _sides(rows)
        return overlap(answers, targets, sources).metrics() if answers else {}

    def asks_untuned(self, *, learnt: bool) -> bool:
        return not learnt and not self.begins_at_random

    def untuned(self, features: Features, model: Untuned, *, learnt: bool) -> Features:
        """Likelihoods of all rows, and answers for as many as an evaluation takes, of those that the report shows."""
        import numpy as np

        from tunesmith.data.arrays import spread
        from tunesmith.tasks.parts.untuned_texts import UntunedTexts

        rows = spread(min(len(model.rows), REPORTED_ROWS), self.answered_rows) if self.answered_rows else []
        written = model.answers(model.rows.select(rows)) if rows else []
        outputs = np.asarray(model.outputs(features), np.float64)
        return UntunedTexts(outputs=outputs, written=dict(zip(rows, written, strict=True))).features()

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        import numpy as np

        from tunesmith.tasks.parts.judge_texts import judge_texts
        from tunesmith.tasks.parts.untuned_texts import untuned_texts

        sources, targets = ([], []) if rows is None else _sides(rows)
        return judge_texts(
            np.asarray(outputs, np.float64),
            sources,
            targets,
            answers if answers and sources else [],
            before=untuned_texts(features),
        )

    def generate(
        self,
        model: LoadedModel,
        rows: Rows,
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        first: int = 0,
    ) -> list[str]:
        """What the model writes for each source; a temperature of 0 searches as the job says."""
        from dataclasses import replace

        writing = replace(self.writing(model), temperature=temperature, seed=seed, first=first)
        if max_new_tokens is not None:
            writing = replace(writing, longest=min(max_new_tokens, writing.longest))
        return self._write(model, rows, writing, lambda done: None)

    def writing(self, model: LoadedModel) -> Writing:
        """How texts are searched for."""
        from tunesmith.tasks.parts.texts import reads_of
        from tunesmith.tasks.parts.writing import Writing

        return Writing(
            beams=self.beams,
            longest=self.pairs.target_limit(reads_of(model)),
            length_penalty=self.length_penalty,
            no_repeat=self.no_repeat,
        )

    def _write(self, model: LoadedModel, rows: Rows, writing: Writing, between: Callable[[int], None]) -> list[str]:
        from tunesmith.tasks.parts.texts import reads_of
        from tunesmith.tasks.parts.writing import write_texts

        refuse_other_models(model)
        reads = reads_of(model)
        size = max(1, self.batch_size // writing.beams)
        around = self.pairs.around_target(reads)
        return write_texts(model, self.pairs.sources(rows, reads), around, writing, batch_size=size, between=between)


def _sides(rows: Rows) -> tuple[list[str], list[str]]:
    """The sources and the targets, as texts."""
    from tunesmith.tasks.parts.texts import text_of

    sources, targets = ([text_of(value) for value in rows.columns[role]] for role in ("source", "target"))
    return sources, targets


def refuse_other_models(model: LoadedModel) -> None:
    """Raise model.no-encoder-decoder for a module that transformers does not know how to write texts with."""
    if model.kind != "transformers" or not getattr(model.pretrained.config, "is_encoder_decoder", False):
        raise TunesmithError(
            "model.no-encoder-decoder",
            "this task needs a model that reads with an encoder and writes with a decoder, in transformers' layout",
            found=type(model.module).__name__,
            hint="return such a model from your callable (T5, BART, Marian, mBART, ...), or write `model: scratch`",
        )
