"""A question with a context, as inputs of a model: the context in windows, the question before each of them.

S samples; L tokens of a sample, the special ones included; C tokens of its part of the context.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.data.features import Ragged
from tunesmith.tasks.parts.answer_rows import QuestionRow, texts_once
from tunesmith.tasks.parts.texts import reads_of
from tunesmith.tasks.parts.tokens import refuse_unknown_ids, tokenizing
from tunesmith.tasks.parts.windows import Windows
from tunesmith.tasks.parts.word_tokens import ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tunesmith.contracts.model import LoadedModel

NO_ANSWER = 0
"""The token that stands for no answer: the first of every input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What a tokenizer writes before the first of two texts, between them and behind; and the type of each part."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    behind: tuple[int, ...]
    types: tuple[int, int]

    @property
    def around(self) -> int:
        """How many tokens that is."""
        return len(self.before) + len(self.between) + len(self.behind)


def pair_of(tokenizer: Tokenizer) -> Pair:
    """As the tokenizer joins two texts."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    found = tokenizer.encode("a", "a")
    texts = [place for place, text in enumerate(found.sequence_ids) if text is not None]
    second = [place for place in texts if found.sequence_ids[place] == 1]
    first = [place for place in texts if found.sequence_ids[place] == 0]
    ids = found.ids
    return Pair(
        before=tuple(ids[: first[0]]),
        between=tuple(ids[first[-1] + 1 : second[0]]),
        behind=tuple(ids[second[-1] + 1 :]),
        types=(found.type_ids[first[0]], found.type_ids[second[0]]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A row's tokens: `question` as it is read, `context` (C,), and the characters (C, 2) of the context's tokens.

    `spans`: begin and end of each window; `left_out`: how many tokens the question has too many.
    """

    question: list[int]
    context: list[int]
    offsets: NDArray[np.int64]
    spans: Sequence[tuple[int, int]]
    left_out: int


def cut_rows(tokenizer: Tokenizer, rows: Sequence[tuple[str, str]], windows: Windows, pair: Pair) -> list[Cut]:
    """Question and context of every row as tokens. A question may take half of a window; windows over the context
    share `stride` tokens, but no more than half of what the question leaves. Raises model.tokenizer-failed."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    with tokenizing():
        questions = tokenizer.encode_batch([question for question, _ in rows], add_special_tokens=False)
        contexts = tokenizer.encode_batch([context for _, context in rows], add_special_tokens=False)
    found = []
    most = max(1, (windows.length - pair.around) // 2)
    for question, context in zip(questions, contexts, strict=True):
        kept = question.ids[:most]
        around = pair.around + len(kept)
        shared = min(windows.stride, (windows.length - around) // 2)
        spans = Windows(length=windows.length, stride=shared).spans(len(context.ids), around)
        offsets = np.array(context.offsets, np.int64).reshape(-1, 2)
        left_out = len(question.ids) - len(kept)
        found.append(Cut(question=kept, context=context.ids, offsets=offsets, spans=spans, left_out=left_out))
    return found


def encode_questions(model: LoadedModel, rows: Sequence[QuestionRow], windows: Windows) -> dict[str, Any]:
    """Every window as a sample: `input_ids`, `token_type_ids` where there are any, `row`, `first` (where the context
    begins), `begin` and `end` (the characters of its tokens), and as bytes, in the first sample of each row, `context`.
    Where the rows have answers, also `start` and `stop` (the first and the last token of the answer, NO_ANSWER where it
    is not whole in the window) and `answers` (JSON, as bytes).

    Raises model.tokenizer-too-large.
    """
    reads = reads_of(model)
    assert reads.tokenizer is not None
    pair = pair_of(reads.tokenizer)
    cuts = cut_rows(reads.tokenizer, [(each.question, each.context) for each in rows], windows, pair)
    lists: dict[str, list[Any]] = {name: [] for name in ("ids", "types", "begin", "end", "context", "answers")}
    owners, firsts, targets = [], [], []
    for row, (asked, cut) in enumerate(zip(rows, cuts, strict=True)):
        head = [*pair.before, *cut.question, *pair.between]
        place = answer_tokens(asked, cut.offsets)
        for number, (begin, end) in enumerate(cut.spans):
            lists["ids"].append(np.array([*head, *cut.context[begin:end], *pair.behind], np.int32))
            kinds = [pair.types[0]] * len(head) + [pair.types[1]] * (end - begin + len(pair.behind))
            lists["types"].append(np.array(kinds, np.int8))
            lists["begin"].append(cut.offsets[begin:end, 0])
            lists["end"].append(cut.offsets[begin:end, 1])
            lists["context"].append(_bytes("" if number else asked.context))
            lists["answers"].append(_bytes("" if number else json.dumps(texts_once(asked.answers or ()))))
            inside = place is not None and begin <= place[0] and place[1] < end
            shift = len(head) - begin
            targets.append((place[0] + shift, place[1] + shift) if inside and place else (NO_ANSWER, NO_ANSWER))
            owners.append(row)
            firsts.append(len(head))
    inputs = ragged(lists["ids"], np.int32)
    refuse_unknown_ids(reads, int(inputs.values.max(initial=0)))
    found: dict[str, Any] = {
        "input_ids": inputs,
        "row": np.array(owners, np.int64),
        "first": np.array(firsts, np.int64),
        "begin": ragged(lists["begin"], np.int32),
        "end": ragged(lists["end"], np.int32),
        "context": ragged(lists["context"], np.uint8),
    }
    if any(pair.types):
        found["token_type_ids"] = ragged(lists["types"], np.int8)
    if rows and all(each.answers is not None for each in rows):
        found["answers"] = ragged(lists["answers"], np.uint8)
        found["start"], found["stop"] = np.array(targets, np.int64).T.copy()
    return found


def answer_tokens(asked: QuestionRow, offsets: NDArray[np.int64]) -> tuple[int, int] | None:
    """The first and the last token of the context that overlap the first answer; None where there is none."""
    if not asked.answers or not len(offsets):
        return None
    text, at = asked.answers[0]
    inside = np.flatnonzero((offsets[:, 0] < at + len(text.strip())) & (offsets[:, 1] > at))
    return (int(inside[0]), int(inside[-1])) if len(inside) else None


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def text_in(features: Any, name: str, sample: int) -> str:
    """A text that `encode_questions` kept as bytes."""
    column: Ragged = features[name]
    return bytes(column[sample]).decode("utf-8", "surrogatepass")
