"""What a model's tokenizer makes of texts: tokens that it does not know, that say little, or that have no embedding."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError, is_failure
from tunesmith.members import MULTILINGUAL

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat

UNKNOWN = 0.05
"""Share of unknown tokens from which on it is reported: a text of a script that the tokenizer reads has hardly any."""
PARTS = 0.3
"""... and of tokens that are parts of a character, into which unusual scripts and signs fall."""
MARKED = 100
"""Rows whose marks are listed."""


@contextmanager
def tokenizing() -> Iterator[None]:
    """Raise model.tokenizer-failed for whatever the tokenizer raises over texts within the block.

    Its rules are the model author's. A regular expression that takes too many tries, for one, ends in a panic.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, (TunesmithError, MemoryError)) or not is_failure(error):
            raise
        raise TunesmithError(
            "model.tokenizer-failed",
            f"the model's tokenizer failed over these texts: {' '.join(str(error).split())[:200]}",
            place=Place(key="model"),
            hint="download the tokenizer's files again, or choose another model",
        ) from error


def check_tokens(
    rows: Rows,
    ids: Sequence[Sequence[int]],
    texts: Sequence[str],
    reads: TextFormat,
    *,
    known: Sequence[str] = MULTILINGUAL,
) -> list[Problem]:
    """Whether the model can read the tokens of these rows: `ids` and `texts` by row.

    `known`: models of such tasks that read many languages.
    """
    seen = SeenTokens(reads)
    seen.add(ids, texts)
    return seen.problems(rows, known=known)


class SeenTokens:
    """What a tokenizer made of rows, counted some rows at a time."""

    def __init__(self, reads: TextFormat) -> None:
        self._reads = reads
        self._counts: Counter[int] = Counter()
        self._ascii_only = True
        self._search = _marks(reads)
        self._rows = 0
        self._marked = array("i")
        self._found: dict[str, None] = {}  # marks that stand in texts

    def add(self, ids: Sequence[Sequence[int]], texts: Sequence[str]) -> None:
        """The tokens and texts of the next rows."""
        self.add_counted(Counter(chain.from_iterable(ids)), texts)

    def add_counted(self, counts: Mapping[int, int], texts: Sequence[str]) -> None:
        """The same, where how often each token stands there is known."""
        self._counts.update(counts)
        self._ascii_only = self._ascii_only and all(map(str.isascii, texts))
        if self._search is not None:
            for row, text in enumerate(texts, start=self._rows):
                match = self._search(text)
                if match is None:
                    continue
                if len(self._marked) < MARKED:
                    self._found[match.group()] = None
                self._marked.append(row)
        self._rows += len(texts)

    def problems(self, rows: Rows, *, known: Sequence[str] = MULTILINGUAL) -> list[Problem]:
        """Whether the model can read the tokens; `rows` are all that were added, `known` models of such tasks that read
        many languages."""
        if not self._counts:
            return []
        error = without_embedding(self._reads, max(self._counts))
        if error is not None:
            return [error.problem]
        problems = self._typed_marks(rows)
        if self._reads.made:
            return problems
        unknown, parts = _shares(self._reads, self._counts, ascii_only=self._ascii_only)
        if unknown < UNKNOWN and parts < PARTS:
            return problems
        return [
            *problems,
            Problem(
                code="data.unknown-tokens",
                message=f"{unknown:.0%} of the tokens are unknown to the model's tokenizer: all of them look the same "
                "to it"
                if unknown >= UNKNOWN
                else f"{parts:.0%} of the tokens are parts of single characters: the model has hardly learnt this "
                "script",
                place=Place(key="model"),
                hint=f"choose a model that knows the language, such as {' or '.join(known)}; or `model: scratch`, "
                "whose tokenizer is made from your texts",
                severity="warning",
            ),
        ]

    def _typed_marks(self, rows: Rows) -> list[Problem]:
        """Whether texts hold what the tokenizer takes for its own marks: `<|im_end|>` in a text ends a turn."""
        if not self._marked:
            return []
        return [
            Problem(
                code="data.special-token-in-text",
                message=f"{len(self._marked)} of {self._rows} rows hold a text that the tokenizer reads as a mark of "
                "its own",
                place=rows.place(self._marked[0]),
                found=f"{', '.join(self._found)}: {rows.named(self._marked)}",
                hint="remove it, unless it is meant: such a text ends a turn or a document; transformers reads it "
                "alike",
                severity="warning",
            )
        ]


def _marks(reads: TextFormat) -> Callable[[str], re.Match[str] | None] | None:
    """Finds in a text what the tokenizer takes for its own marks; None where it takes nothing in a text for one."""
    tokenizer = reads.tokenizer
    assert tokenizer is not None
    added = tokenizer.get_added_tokens_decoder().values()
    marks = [re.escape(each.content) for each in added if each.special and each.content.strip()]
    if not marks or tokenizer.encode_special_tokens:
        return None
    return re.compile("|".join(sorted(marks, key=len, reverse=True))).search


def _shares(reads: TextFormat, counts: Counter[int], *, ascii_only: bool) -> tuple[float, float]:
    """Of unknown tokens, and of tokens that are parts of a character, among those that stand for text."""
    tokenizer = reads.tokenizer
    assert tokenizer is not None
    name = reads.special_tokens.get("unk_token") or getattr(tokenizer.model, "unk_token", None)
    unknown = tokenizer.token_to_id(name) if name else None
    special = {token for token, added in tokenizer.get_added_tokens_decoder().items() if added.special}
    of_text = {token: count for token, count in counts.items() if token == unknown or token not in special}
    total = sum(of_text.values())
    if not total:
        return 0.0, 0.0
    broken = 0
    if not ascii_only:
        tokens = [token for token in of_text if token != unknown]
        with tokenizing():
            shown = tokenizer.decode_batch([[token] for token in tokens], skip_special_tokens=False)
        broken = sum(of_text[token] for token, text in zip(tokens, shown, strict=True) if "\ufffd" in text)
    return of_text.get(unknown, 0) / total if unknown is not None else 0.0, broken / total


def without_embedding(reads: TextFormat | None, largest: int) -> TunesmithError | None:
    """The error where a token of the texts lies beyond the model's vocabulary."""
    if reads is None or reads.vocabulary is None or largest < reads.vocabulary:
        return None
    tokenizer = reads.tokenizer
    text = tokenizer.id_to_token(largest) if tokenizer else None
    size = tokenizer.get_vocab_size() if tokenizer else largest + 1
    return TunesmithError(
        "model.tokenizer-too-large",
        f"the tokenizer knows {size} tokens, the model only {reads.vocabulary}: some of your texts cannot be read",
        place=Place(key="model"),
        found=f"token {largest}" + (f", {text!r}" if text else ""),
        hint="tokenizer and weights belong to different models, or tokens were added without enlarging the embeddings",
    )


def refuse_unknown_ids(reads: TextFormat | None, largest: int) -> None:
    """Raise model.tokenizer-too-large where `largest`, the largest token of all texts, has no embedding."""
    error = without_embedding(reads, largest)
    if error is not None:
        raise error
