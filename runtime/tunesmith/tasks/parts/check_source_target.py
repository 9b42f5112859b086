"""Findings about sources and targets, before a training."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, missing_extra, nearest
from tunesmith.tasks.parts.texts import Lengths, beyond_window, text_of
from tunesmith.tasks.parts.tokens import SeenTokens, tokenizing

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat
    from tunesmith.tasks.parts.source_target import Pairs

COPIES = 0.5
"""Share of targets that are their sources from which on it is reported."""
LOST = 0.02
"""Share of targets that the tokenizer changes from which on it is reported."""
OF_SACREBLEU = ("chrf", "bleu")


def check_sources_and_targets(
    rows: Rows, reads: TextFormat | None, pairs: Pairs, *, metric: str, known: Sequence[str]
) -> list[Problem]:
    """Every finding; see the task's `check_rows`. `known`: models of such tasks that read many languages."""
    from tunesmith.scores.texts import has_sacrebleu

    problems = []
    if metric in OF_SACREBLEU and not has_sacrebleu():
        problems.append(missing_extra("text", "sacrebleu", f"the metric {metric}").problem)
    languages = [] if reads is None else _languages(reads, pairs)
    problems += languages
    problems += beyond_window(pairs.max_length, reads, key="data.max_length")
    problems += beyond_window(pairs.max_target_length, reads, key="data.max_target_length")
    tokens = None if reads is None or reads.tokenizer is None or languages else _Tokens(reads, pairs)
    same = array("i")
    for begin, part in rows.parts():
        if "target" in rows.columns:
            both = zip(part.columns["source"], part.columns["target"], strict=True)
            same.extend(row for row, (one, other) in enumerate(both, start=begin) if _text(one) == _text(other))
        if tokens is not None:
            tokens.add(begin, part)
    problems += _copies(rows, same)
    return problems if tokens is None else problems + tokens.problems(rows, known)


def _text(value: object) -> str:
    return text_of(value).strip()


def _copies(rows: Rows, same: Sequence[int]) -> list[Problem]:
    if not same or len(same) < COPIES * len(rows):
        return []
    return [
        Problem(
            code="data.target-is-source",
            message=f"{len(same)} of {len(rows)} targets are their source as it is: to copy is what would be learnt",
            place=rows.place(same[0]),
            found=rows.named(same),
            hint="look whether the columns are named rightly, or remove rows that were never translated",
            severity="warning",
        )
    ]


def _languages(reads: TextFormat, pairs: Pairs) -> list[Problem]:
    """Whether the job names the languages of a model that knows several, and only such."""
    known = reads.languages
    problems = []
    for key in ("source_language", "target_language"):
        chosen, place = getattr(pairs, key), Place(key=f"data.{key}")
        if known is None:
            if chosen and reads.tokenizer is not None:
                problems.append(
                    Problem(
                        code="data.no-languages",
                        message="this model's tokenizer names no languages, so none can be chosen",
                        place=place,
                        found=chosen,
                        hint=f"remove {key}; T5 takes its languages from `prefix`, Marian models know one pair only",
                    )
                )
            continue
        if chosen in known.tokens:
            continue
        close = nearest(chosen or "", known.tokens)
        problems.append(
            Problem(
                code="data.unknown-language",
                message="this model must be told the language, by one of the codes that it knows",
                place=place,
                found=chosen or "none",
                allowed=tuple(sorted(known.tokens)),
                hint=f"did you mean {close}?" if close else f"write `{key}: CODE` under `data:`",
            )
        )
    return problems


class _Tokens:
    """What the tokenizer makes of rows, some at a time: too long, unknown, or lost on the way back."""

    def __init__(self, reads: TextFormat, pairs: Pairs) -> None:
        self._reads, self._pairs = reads, pairs
        self._sources = Lengths(pairs.source_limit(reads))
        self._targets = Lengths(pairs.target_limit(reads))
        self._seen = SeenTokens(reads)
        self._lost = array("i")
        self._difference = ""

    def add(self, begin: int, part: Rows) -> None:
        """The next rows, of which the first is row `begin`."""
        ids = self._pairs.sources(part, self._reads, whole=True)
        self._sources.add(ids)
        texts = [text_of(value) for value in part.columns["source"]]
        if "target" in part.columns:
            targets = [text_of(value) for value in part.columns["target"]]
            written = self._pairs.targets(part, self._reads, whole=True)
            self._targets.add(written)
            self._look_back(begin, targets, written)
            ids = [[*one, *other] for one, other in zip(ids, written, strict=True)]
            texts = ["\n".join(pair) for pair in zip(texts, targets, strict=True)]
        self._seen.add(ids, texts)

    def _look_back(self, begin: int, targets: Sequence[str], written: Sequence[list[int]]) -> None:
        """Which targets do not come back from the tokenizer as they were: the model can never write them."""
        tokenizer = self._reads.tokenizer
        assert tokenizer is not None
        with tokenizing():
            again = tokenizer.decode_batch(written, skip_special_tokens=True)
        for row, (text, other) in enumerate(zip(targets, again, strict=True), start=begin):
            if text.strip() != other.strip():
                self._difference = self._difference or _difference(text.strip(), other.strip())
                self._lost.append(row)

    def problems(self, rows: Rows, known: Sequence[str]) -> list[Problem]:
        """Of all `rows` that were added."""
        problems = self._sources.too_long(rows, self._reads, longer="data.max_length")
        problems += self._sources.equal_after_cut(rows)
        problems += self._targets.too_long(rows, self._reads, longer="data.max_target_length")
        if self._lost and len(self._lost) >= LOST * len(rows):
            problems.append(
                Problem(
                    code="data.target-not-writable",
                    message=f"{len(self._lost)} of {len(rows)} targets hold something that the model's tokenizer "
                    "cannot write: letters it does not know, capitals, line breaks or doubled spaces",
                    place=rows.place(self._lost[0]),
                    found=f"{self._difference}: {rows.named(self._lost)}",
                    hint="choose a model that knows such texts, or replace what it does not know; "
                    "`model: scratch` makes a tokenizer that writes everything",
                    severity="warning",
                )
            )
        return problems + self._seen.problems(rows, known=known)


def _difference(text: str, again: str) -> str:
    """Where both begin to differ."""
    pairs = enumerate(zip(text, again, strict=False))
    at = next((place for place, (one, other) in pairs if one != other), min(len(text), len(again)))
    begin = max(0, at - 20)
    return f"{text[begin : at + 20]!r} becomes {again[begin : at + 20]!r}"
