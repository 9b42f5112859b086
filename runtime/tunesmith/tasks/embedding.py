"""Texts to vectors of which those lie near each other that belong together: search by meaning, duplicates, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tunesmith.contracts.task import LOSS, Batch, Facts, Outputs, TaskRuntime, Untuned
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem
from tunesmith.job.job import Job
from tunesmith.members import Column, Task, UsualSplit
from tunesmith.options import Integer, Integers
from tunesmith.scores.metrics import OF_VECTORS
from tunesmith.tasks.parts.pairs import check_pairs, pair_facts, scores_of, text_columns, unusable_pairs
from tunesmith.tasks.parts.sentences import OPTIONS, unknown_modules, vectors_of

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import nn

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.in_batch import RightTexts

MEMBER = Task(
    name="embedding",
    help="Makes vectors of texts, near each other where the texts belong together: search by meaning, duplicates.",
    when="You have pairs of texts (question and answer, query and document, two ways to say one thing), with wrong "
    "texts or scores beside them or without. To tell pairs apart by a label take text-classification.",
    columns={
        "anchor": Column(
            help="The text that is searched with: a question, a query, one of two sentences.",
            guesses=("anchor", "query", "question", "sentence1", "text1", "premise", "title", "text"),
        ),
        "positive": Column(
            help="The text that belongs to it: an answer, a document, the other sentence.",
            guesses=("positive", "document", "passage", "answer", "sentence2", "text2", "hypothesis", "description"),
        ),
        "negative": Column(
            help="A text that looks as if it belonged to the anchor, and does not. Several columns are several.",
            required=False,
            several=True,
            guesses=("negative", "hard_negative"),
        ),
        "score": Column(
            answer=True,
            holds="number",
            required=False,
            help="How alike the two texts are, on any scale. With scores, only these are learnt.",
            guesses=("score", "similarity", "similarity_score", "is_duplicate"),
        ),
    },
    options={
        **OPTIONS,
        "sizes": Integers(
            None,
            at_least=1,
            help="Lengths at which the first numbers of a vector must do alone (Matryoshka); none means whole vectors.",
            advice="Such as [384, 128, 64], the model's own length first: the shorter ones save room in an index.",
        ),
        "hard_negatives": Integer(
            0,
            at_least=0,
            at_most=100,
            help="How many texts the untuned model is to find for each anchor that look right and are not known to be.",
            advice="1 to 5 where the other rows of a batch are too easy; some of what is found may be right after all.",
        ),
    },
    targets=("match", "similarity"),
    metrics=OF_VECTORS,
    default_metric="mrr",
    models=("transformers", "bundled", "scratch", "python"),
    lengths_vary=True,
    aliases_elsewhere={
        "retrieval": "",
        "semantic-search": "",
        "sentence-similarity": "",
        "feature-extraction": "",
        "sentence-transformers": "",
        "duplicate-detection": "",
    },
    split=UsualSplit(by="group", role="anchor", why="other positives of an anchor would tell what it asks for"),
    stands_in_for={"reranking": "take embedding, which ranks by itself", "clustering": "take embedding on pairs"},
)


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Where two columns of texts have the names of a pair, without a label for both together."""
    names = {name.lower() for name in columns}
    pairs = ({"sentence1", "sentence2"}, {"text1", "text2"})
    if any(pair <= names for pair in pairs) and not {"label", "category", "class"} & names:
        return 75
    roles = [MEMBER.columns[role].guesses for role in ("anchor", "positive")]
    return (
        75 if all(names & {"anchor", "positive", "query", "document", "passage"} & set(each) for each in roles) else 0
    )


def facts(job: Job, rows: Rows) -> Facts:
    """Whether rows have scores, or what number of negatives."""
    return pair_facts(job, rows)


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Scores that are none, pairs that teach nothing, negatives that are right, and how many texts will be cut."""
    from tunesmith.tasks.parts.texts import check_texts

    problems = check_pairs(rows)
    unknown = unknown_modules(job.data.options, reads)
    if unknown is not None:
        return [*problems, unknown]
    limit = vectors_of(job.data.options, reads).limit
    for role in ("anchor", "positive"):
        if role in rows.columns:
            known = {(problem.code, problem.place.key) for problem in problems if problem.place.key}
            found = check_texts(rows, [role], limit, reads, longer="data.max_length")
            new = [problem for problem in found if (problem.code, problem.place.key) not in known]
            problems += [replace(problem, message=f"{role}: {problem.message}") for problem in new]
    return problems


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    return unusable_pairs(rows) if facts.values["target"] == "similarity" else []


def build(job: Job, facts: Facts) -> Embedding:
    """The task at work."""
    from tunesmith.tasks.parts.in_batch import RightTexts

    temperature = job.training.loss.options.get("temperature")
    return Embedding(
        facts=facts,
        options=job.data.options,
        seed=job.seed,
        temperature=temperature if isinstance(temperature, float) else 0.05,
        right=RightTexts(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding(TaskRuntime):
    """Batches of texts that belong together, and their vectors. `temperature`: by which row losses are taken."""

    facts: Facts
    options: Mapping[str, Any]
    seed: int
    temperature: float
    right: RightTexts

    separable = False
    searches = True

    @property
    def has_scores(self) -> bool:
        return bool(self.facts.values["target"] == "similarity")

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        return Head(
            auto="AutoModel",
            reads="text",
            outputs=0,
            is_new=False,
            adapters="FEATURE_EXTRACTION",
            pipeline="sentence-similarity",
            library="sentence-transformers",
            gives="sentence_embedding",
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        return {"anchor": True, "positive": False}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        return made_up_rows({"anchor": made_up_texts(model, count, rng)})

    def files_beside(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.sentences import sentence_files

        size = model.pretrained.config.get_text_config().hidden_size
        return sentence_files(vectors_of(self.options, model.text), size)

    def opened(self) -> Sequence[str]:
        return (
            "from sentence_transformers import SentenceTransformer",
            'model = SentenceTransformer(".")',
            'queries = model.encode(["what is searched with"], prompt_name="query")',
            'texts = model.encode(["one text", "another one"], prompt_name="document")',
            "print(model.similarity(queries, texts))  # cosines",
        )

    def with_ending(self, module: nn.Module, model: LoadedModel) -> nn.Module:
        from tunesmith.tasks.parts.pooling import Embedder

        how = vectors_of(self.options, model.text)
        pooling = "" if model.kind == "module" else how.pooling
        return Embedder(module, pooling=pooling, normalise=how.normalise, output=model.output)

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        import numpy as np

        from tunesmith.tasks.parts.texts import encode_texts

        how = vectors_of(self.options, model.text)
        columns = text_columns(rows)
        features: dict[str, Any] = {"text": np.array([_numbers(column) for column in columns], np.int64).T}
        for place, column in enumerate(columns):
            prompt = how.document_prompt if place or "anchor" not in rows.columns else how.query_prompt
            texts = [prompt + text for text in column] if prompt else column
            features[f"input_ids.{place}"] = encode_texts(model, texts, None, how.limit)["input_ids"]
        if self.has_scores and "score" in rows.columns:
            values = self.facts.values
            features["score"] = np.array(scores_of(rows, values["low"], values["high"]), np.float32)
        return features

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from dataclasses import asdict

        from tunesmith.tasks.parts.texts import fingerprint, tokenizer_of

        how = asdict(vectors_of(self.options, model.text))
        return {"tokenizer": fingerprint(tokenizer_of(model)), **how, "facts": dict(self.facts.values)}

    def asks_untuned(self, *, learnt: bool) -> bool:
        return not learnt or (self.mined > 0 and not self.has_scores)

    def untuned(self, features: Features, model: Untuned, *, learnt: bool) -> Features:
        from tunesmith.tasks.parts.hard_negatives import mined
        from tunesmith.tasks.parts.judge_vectors import before_tuning

        found = model.outputs(features)
        if learnt:
            return {"mined": mined(found, features, count=self.mined, seed=self.seed)}
        return {"before": before_tuning(found, features)}

    def like_untuned(self, features: Features) -> Features:
        import numpy as np

        from tunesmith.data.features import count

        if not self.asks_untuned(learnt=True):
            return {}
        rows_N = np.arange(count(features))
        return {"mined": (rows_N[:, None] + np.arange(1, self.mined + 1)) % max(len(rows_N), 1)}  # the rows behind it

    def doubts(self, features: Features) -> Sequence[tuple[str, str]]:
        if "mined" not in features:
            return ()
        from tunesmith.tasks.parts.hard_negatives import mined_note

        return [("data.hard-negatives", mined_note(features))]

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        import numpy as np

        lengths = [features[f"input_ids.{place}"].lengths for place in _places(features)]  # type: ignore[union-attr]
        found = np.sum(lengths, axis=0, dtype=np.int64)
        if "mined" in features:
            mined = np.asarray(features["mined"])
            found = found + np.where(mined < 0, 0, lengths[1][mined]).sum(axis=1)
        return np.asarray(found)

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        import numpy as np

        from tunesmith.data.features import count

        return np.ones(count(features))

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        import numpy as np
        import torch

        from tunesmith.tasks.parts.texts import pad

        texts = [pad({"input_ids": features[f"input_ids.{place}"]}, rows) for place in _places(features)]
        if "mined" in features:
            found = np.asarray(features["mined"])[rows].T
            chosen = np.where(found < 0, rows, found)  # its own positive stands where none was found
            texts += [pad({"input_ids": features["input_ids.1"]}, column) for column in chosen]
        batch: Batch = {"texts": texts}
        if "score" in features:
            batch["score"] = torch.from_numpy(np.asarray(features["score"])[rows])
        elif len(batch["texts"]) > 1:
            batch["no_negative"] = torch.from_numpy(self.right.no_negatives(features, rows))
        return batch

    def example(self, model: LoadedModel) -> Batch:
        from tunesmith.tasks.parts.texts import example_texts

        return {"texts": [example_texts()]}

    def pieces(self, features: Features, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Texts: place by place, those of all rows."""
        import numpy as np

        from tunesmith.data.features import count

        rows = [samples] * len(_places(features))
        places = list(_places(features))
        if "mined" in features:
            found = np.asarray(features["mined"])[samples].T
            rows += list(np.where(found < 0, samples, found))  # its own positive stands where none was found
            places += [1] * len(found)
        return np.stack([place * count(features) + some for place, some in zip(places, rows, strict=True)], axis=1)

    def piece_lengths(self, features: Features, pieces: NDArray[np.int64]) -> NDArray[np.int64]:
        from tunesmith.tasks.parts.texts import lengths_of_several

        columns = [features[f"input_ids.{place}"] for place in _places(features)]
        return lengths_of_several(columns, pieces)  # type: ignore[arg-type]

    def collate_pieces(self, features: Features, pieces: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        from tunesmith.tasks.parts.texts import pad_of_several

        columns = [features[f"input_ids.{place}"] for place in _places(features)]
        return pad_of_several(columns, pieces)  # type: ignore[arg-type]

    def represent(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        """Shape (P, D): the vector of each text, not normalised."""
        from tunesmith.tasks.parts.pooling import pooled
        from tunesmith.tasks.parts.texts import text_tensor

        rows, length = batch["input_ids"].shape
        if model.kind == "module":
            return text_tensor(model, batch, (rows, None)).float()
        hidden = text_tensor(model, batch, (rows, length, None))
        return pooled(hidden, batch.get("attention_mask"), vectors_of(self.options, model.text).pooling)

    def _vectors(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        """Shape (B, K, D): of each sample's texts."""
        import torch

        return torch.stack([self.represent(model, texts) for texts in batch["texts"]], dim=1)

    def loss_of(
        self, represented: torch.Tensor, features: Features, samples: NDArray[np.int64], loss: LossFunction
    ) -> Mapping[str, torch.Tensor]:
        import numpy as np
        import torch

        more: Batch = {}
        if "score" in features:
            more["score"] = torch.from_numpy(np.asarray(features["score"])[samples]).to(represented.device)
        else:
            found = self.right.no_negatives(features, samples)
            more["no_negative"] = torch.from_numpy(found).to(represented.device)
        return {LOSS: self._loss(represented, more, loss)}

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return self._loss(self._vectors(model, batch), batch, loss)

    def _loss(self, vectors: torch.Tensor, batch: Batch, loss: LossFunction) -> torch.Tensor:
        from tunesmith.tasks.parts.in_batch import match_loss, score_loss

        sizes = self.sizes
        if "score" in batch:
            return score_loss(vectors, batch["score"], loss, sizes)
        return match_loss(vectors, batch["no_negative"], loss, sizes)

    @property
    def mined(self) -> int:
        return int(self.options.get("hard_negatives") or 0)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(self.options.get("sizes") or ())

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        import torch.nn.functional as F

        found = self._vectors(model, batch)
        return F.normalize(found, dim=-1) if vectors_of(self.options, model.text).normalise else found

    def metrics(self, outputs: Outputs, features: Features) -> dict[str, float]:
        from tunesmith.tasks.parts.judge_vectors import figures_of_vectors

        return figures_of_vectors(outputs, features, self.temperature)

    def row_losses(self, outputs: Outputs, features: Features) -> NDArray[np.float64]:
        from tunesmith.tasks.parts.judge_vectors import row_losses

        return row_losses(outputs, features, self.temperature)

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        from tunesmith.tasks.parts.judge_vectors import judge_vectors

        return judge_vectors(outputs, features, rows, self.temperature)

    def to_find(self, rows: Rows) -> Rows:
        role = "positive" if "positive" in rows.columns else "anchor"
        return replace(rows, columns={"positive": rows.columns[role]}, digests=None)

    def found_by(self, asked: Outputs, to_find: Outputs) -> NDArray[np.float32]:
        from tunesmith.scores.rankings import similarities

        return similarities(asked[:, 0], to_find[:, 0])

    def decode(self, outputs: Outputs, features: Features, rows: Rows) -> list[dict[str, Any]]:
        from tunesmith.tasks.parts.judge_vectors import decode_vectors

        return decode_vectors(outputs)


def _places(features: Features) -> range:
    """The places of a row's texts."""
    return range(sum(name.startswith("input_ids.") for name in features))


def _numbers(texts: Sequence[str]) -> list[int]:
    """A number for each text, equal for equal texts; 0 for none."""
    import hashlib

    return [
        int.from_bytes(
            hashlib.blake2b(text.strip().encode("utf-8", "surrogatepass"), digest_size=8).digest(),
            "little",
            signed=True,
        )
        if text.strip()
        else 0
        for text in texts
    ]
