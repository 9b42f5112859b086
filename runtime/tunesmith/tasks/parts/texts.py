"""Texts as token ids: all rows at once, and padded batches of them. B rows, L tokens of the longest."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from tunesmith.data.arrays import first_equal, not_their_own
from tunesmith.data.columns_on_disk import ROWS, Gathered
from tunesmith.data.digests import digest
from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.tasks.parts.findings import findings
from tunesmith.tasks.parts.outputs import Shape, output_tensor
from tunesmith.tasks.parts.tokens import SeenTokens, refuse_unknown_ids, tokenizing

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features, Ragged

DEFAULT_LENGTH = 128


def text_of(value: Any) -> str:
    """A cell as text; an empty one as the empty text."""
    return "" if value is None else str(value)


def text_head(*, outputs: int, labels: Sequence[str] = (), problem: str) -> Head:
    """What every task shares that gives a whole text `outputs` numbers."""
    from tunesmith.contracts.model import Head

    return Head(
        auto="AutoModelForSequenceClassification",
        reads="text",
        outputs=outputs,
        labels=labels,
        problem=problem,
        pads=True,
        adapters="SEQ_CLS",
        pipeline="text-classification",
    )


def length_limit(chosen: int | None, reads: TextFormat | None) -> int:
    """The job's `max_length` (128 where it says none), never longer than the model's window."""
    wanted = chosen or DEFAULT_LENGTH
    return min(wanted, reads.window) if reads and reads.window else wanted


def reads_of(model: LoadedModel) -> TextFormat:
    """How the model reads text. Raises model.no-tokenizer."""
    tokenizer_of(model)
    assert model.text is not None
    return model.text


def tokenizer_of(model: LoadedModel) -> Tokenizer:
    """The model's tokenizer. Raises model.no-tokenizer."""
    if model.tokenizer is None:
        raise TunesmithError(
            "model.no-tokenizer",
            "this model brings no tokenizer that turns text into numbers",
            hint="put its tokenizer.json into the model's folder, or name a folder with one under model: tokenizer",
        )
    return model.tokenizer


def fingerprint(tokenizer: Tokenizer) -> str:
    """Changes whenever the tokenizer would cut text differently."""
    text = tokenizer.to_str() + ("splits special tokens" if tokenizer.encode_special_tokens else "")
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def encode_texts(
    model: LoadedModel, texts: Sequence[str], pairs: Sequence[str] | None, limit: int
) -> dict[str, Ragged]:
    """`input_ids` (int32), cut to `limit` tokens with special tokens; for pairs also `token_type_ids` (int8).

    Raises model.tokenizer-too-large where a token has no embedding.
    """
    import numpy as np

    from tunesmith.data.features import Ragged

    tokenizer = tokenizer_of(model)
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit)
    ids, kinds, lengths = array("i"), array("b"), array("q")
    try:
        for begin in range(0, len(texts), ROWS):  # an encoding takes far more memory than its ids
            some: Any = texts[begin : begin + ROWS]
            if pairs:
                some = list(zip(some, pairs[begin : begin + ROWS], strict=True))
            with tokenizing():
                encodings = tokenizer.encode_batch_fast(list(some))
            for encoding in encodings:
                tokens = encoding.ids
                lengths.append(len(tokens))
                ids.extend(tokens)
                if pairs:
                    kinds.extend(encoding.type_ids)
    finally:
        tokenizer.no_truncation()
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.array(lengths, np.int64), out=offsets[1:])
    found = {"input_ids": Ragged(np.array(ids, np.int32), offsets)}
    refuse_unknown_ids(model.text, int(found["input_ids"].values.max(initial=0)))
    types = np.array(kinds, np.int8)
    if types.any():
        found["token_type_ids"] = Ragged(types, offsets)
    return found


def types_left_out(features: Features) -> Ragged:
    """`token_type_ids` of pairs none of which has another type than 0."""
    import numpy as np

    from tunesmith.data.features import Ragged

    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    return Ragged(np.zeros(len(ids.values), np.int8), ids.offsets)


def pad(features: Features, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """int64 tensors of shape (B, L), filled up with 0; `attention_mask` only where there is something to fill."""
    import numpy as np
    import torch

    from tunesmith.data.features import Ragged

    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    begins = ids.offsets[rows]
    lengths = ids.offsets[rows + 1] - begins
    longest = int(lengths.max())
    steps = np.arange(longest)
    real = steps < lengths[:, None]
    places = np.where(real, begins[:, None] + steps, 0)
    batch = {}
    for name in ("input_ids", "token_type_ids"):
        column = features.get(name)
        if isinstance(column, Ragged):
            batch[name] = torch.from_numpy(np.where(real, column.values[places], 0).astype(np.int64, copy=False))
    if int(lengths.min()) < longest:
        batch["attention_mask"] = torch.from_numpy(real.astype(np.int64))
    return batch


def pad_of_several(columns: Sequence[Ragged], texts: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """`pad` of texts of several columns: text t of column c has the number c * N + t, N texts in each column."""
    import numpy as np
    import torch

    place, row = np.divmod(texts, len(columns[0]))
    lengths = lengths_of_several(columns, texts)
    longest = int(lengths.max())
    real = np.arange(longest) < lengths[:, None]
    ids = np.zeros(real.shape, np.int64)
    for number, column in enumerate(columns):
        own = place == number
        if own.any():
            begins = column.offsets[row[own]]
            ids[own] = np.where(
                real[own], column.values[np.where(real[own], begins[:, None] + np.arange(longest), 0)], 0
            )
    batch = {"input_ids": torch.from_numpy(ids)}
    if int(lengths.min()) < longest:
        batch["attention_mask"] = torch.from_numpy(real.astype(np.int64))
    return batch


def lengths_of_several(columns: Sequence[Ragged], texts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tokens of texts of several columns, numbered as for `pad_of_several`."""
    import numpy as np

    place, row = np.divmod(texts, len(columns[0]))
    return np.asarray(np.choose(place, [column.lengths_of(row) for column in columns]), np.int64)


def example_texts() -> dict[str, torch.Tensor]:
    """Two texts of eight times the first token, as `pad` gives them."""
    import torch

    return {"input_ids": torch.zeros(2, 8, dtype=torch.int64)}


def text_forward(model: LoadedModel, batch: dict[str, torch.Tensor], outputs: int) -> torch.Tensor:
    """The model's raw outputs for a padded batch, float32, shape (B, outputs). Raises model.wrong-outputs."""
    return text_tensor(model, batch, (len(batch["input_ids"]), outputs)).float()


def token_forward(model: LoadedModel, batch: dict[str, torch.Tensor], outputs: int) -> torch.Tensor:
    """The same for a model that gives each token its outputs: shape (B, L, outputs)."""
    return text_tensor(model, batch, (*batch["input_ids"].shape, outputs)).float()


def text_tensor(model: LoadedModel, batch: dict[str, torch.Tensor], wanted: Shape) -> torch.Tensor:
    """What the model makes of a padded batch, of the shape `wanted`. Raises model.wrong-outputs."""
    inputs = batch["input_ids"]
    mask = batch.get("attention_mask")
    if model.kind == "module":
        found = model.module(inputs) if mask is None else _with_mask(model.module, inputs, mask)
        return output_tensor(found, model, wanted)
    config = model.pretrained.config
    padding = getattr(config, "pad_token_id", None) or 0
    if padding and mask is not None:  # some models look for the padding token itself; rows are filled up with 0
        inputs = inputs.masked_fill(mask == 0, padding)
    more = {"token_type_ids": batch["token_type_ids"]} if "token_type_ids" in batch and _has_types(config) else {}
    if mask is not None:
        more["attention_mask"] = mask
    return output_tensor(model.module(input_ids=inputs, **more), model, wanted)


def _has_types(config: Any) -> bool:
    return int(getattr(config, "type_vocab_size", 0) or 0) > 1


def _with_mask(module: torch.nn.Module, inputs: torch.Tensor, mask: torch.Tensor) -> Any:
    import inspect

    takes = "attention_mask" in inspect.signature(module.forward).parameters
    return module(inputs, attention_mask=mask) if takes else module(inputs)


def check_texts(
    rows: Rows,
    roles: Sequence[str],
    chosen: int | None,
    reads: TextFormat | None,
    *,
    longer: str,
    features: Features | None = None,
) -> list[Problem]:
    """Empty texts, row by row; how many are cut, with which loss; and tokens that the model cannot read.

    `chosen` is the limit that the job's key `longer` gives, if it gives one. `features` are what `encode_texts` made of
    the rows, where it has: then only the texts that may be cut are tokenized once more.
    """
    tokenizer = reads.tokenizer if reads is not None else None
    limit = length_limit(chosen, reads)
    lengths, seen = Lengths(limit), SeenTokens(reads) if reads and tokenizer else None
    empty = array("i")

    def tokens_of(texts: list[Any]) -> list[list[int]]:
        assert tokenizer is not None
        with tokenizing():
            return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    if tokenizer is not None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
    for begin, part in rows.parts():
        texts = [[text_of(value) for value in part.columns[role]] for role in roles]
        empty.extend(row for row, text in enumerate(texts[0], start=begin) if not text.strip())
        if tokenizer is not None and seen is not None:
            columns: list[Any] = list(zip(*texts, strict=True)) if len(texts) > 1 else texts[0]
            joined = ["\n".join(row) for row in columns] if len(texts) > 1 else texts[0]
            if features is None:
                ids = tokens_of(columns)
                lengths.add(ids)
                seen.add(ids, joined)
            else:
                cut, counts = _kept_tokens(features, begin, begin + len(part), limit)
                again = tokens_of([columns[row] for row in cut])
                counts.update(chain.from_iterable(again))
                lengths.add_some(len(part), dict(zip(cut, again, strict=True)))
                seen.add_counted(counts, joined)
    problems = findings(
        "data.empty-text",
        f"the {roles[0]} of this row is empty",
        empty,
        rows,
        hint="remove the row, or write `bad_rows: skip`",
    )
    problems += beyond_window(chosen, reads, key=longer)
    if seen is None:
        return problems
    problems += lengths.too_long(rows, reads, longer=longer)
    if len(roles) == 1:
        problems += lengths.equal_after_cut(rows)
    return problems + seen.problems(rows)


def _kept_tokens(features: Features, begin: int, end: int, limit: int) -> tuple[list[int], Counter[int]]:
    """Of some rows those that may be cut, having `limit` tokens, and how often each token stands in the others.

    The pages of a mapped file that hold them are given back.
    """
    import numpy as np

    from tunesmith.data.features import Ragged, let_go

    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    offsets = ids.offsets[begin : end + 1]
    lengths = np.diff(offsets)
    tokens = ids.values[offsets[0] : offsets[-1]][np.repeat(lengths < limit, lengths)]
    counts = np.bincount(tokens)
    let_go(ids)
    known = np.flatnonzero(counts)
    return np.flatnonzero(lengths >= limit).tolist(), Counter(
        dict(zip(known.tolist(), counts[known].tolist(), strict=True))
    )


def beyond_window(chosen: int | None, reads: TextFormat | None, *, key: str) -> list[Problem]:
    """Whether the job asks for longer inputs than the model has positions for."""
    if reads is None or not reads.window or not chosen or chosen <= reads.window:
        return []
    return [
        Problem(
            code="data.longer-than-window",
            message=f"the model reads at most {reads.window} tokens, so {reads.window} is used",
            place=Place(key=key),
            found=str(chosen),
            hint=f"write {key.rpartition('.')[2]}: {reads.window}, or choose a model with a longer window",
            severity="warning",
        )
    ]


class Lengths:
    """How many tokens rows have, and which of them are one and the same once cut to `limit`; some rows at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows = self._longest = self._worst = 0
        self._cut = array("i")
        self._digests = Gathered(["begin", "whole"])  # of the rows that are cut

    def add(self, ids: Sequence[Sequence[int]]) -> None:
        """The tokens of the next rows."""
        self.add_some(len(ids), dict(enumerate(ids)))

    def add_some(self, count: int, ids: Mapping[int, Sequence[int]]) -> None:
        """The next `count` rows, with the tokens of those, in their order, that may have more than the limit."""
        begins, wholes = [], []
        for place, tokens in ids.items():
            if len(tokens) > self._limit:
                row = self._rows + place
                self._cut.append(row)
                if len(tokens) > self._longest:
                    self._longest, self._worst = len(tokens), row
                numbers = array("i", tokens)
                # the last place holds the token that ends every text
                begins.append(digest(numbers[: self._limit - 1].tobytes()))
                wholes.append(digest(numbers.tobytes()))
        self._digests.add({"begin": begins, "whole": wholes})
        self._rows += count

    def too_long(self, rows: Rows, reads: TextFormat | None, *, longer: str) -> list[Problem]:
        """How many rows have more tokens than the limit; `longer` is the key that raises it."""
        if not self._cut:
            return []
        raised = reads is None or not reads.window or self._limit < reads.window
        remedy = f"raise {longer}" if raised else "choose a model with a longer window"
        return [
            Problem(
                code="data.text-too-long",
                message=f"{len(self._cut)} of {self._rows} texts are longer than {self._limit} tokens: their ends will "
                "be cut off",
                place=rows.place(self._worst),
                found=f"the longest has {self._longest} tokens: {rows.named(self._by_length())}",
                hint=f"{remedy}, or shorten the texts; ignore it if the beginnings say enough",
                severity="warning",
            )
        ]

    def _by_length(self) -> list[int]:
        """The longest of the rows that are cut, then the others in their order."""
        return [self._worst, *(row for row in self._cut if row != self._worst)]

    def equal_after_cut(self, rows: Rows) -> list[Problem]:
        """Rows that differ only in what is cut off: for the model they are one and the same."""
        digests = self._digests.columns()
        begins = first_equal(digests["begin"])
        if begins is None:
            return []
        wholes = first_equal(digests["whole"]) or range(len(begins))
        alike = {begins[place] for place in not_their_own(begins)}
        groups: dict[int, list[int]] = {}
        texts: dict[int, set[int]] = {}
        for place, begin in enumerate(begins):
            if begin in alike:
                groups.setdefault(begin, []).append(self._cut[place])
                texts.setdefault(begin, set()).add(wholes[place])
        same = [groups[begin] for begin in groups if len(texts[begin]) > 1]
        if not same:
            return []
        largest = max(same, key=len)
        different = sum(len(texts[begin]) for begin in groups if len(texts[begin]) > 1)
        return [
            Problem(
                code="data.equal-after-cut",
                message=f"{sum(map(len, same))} of {self._rows} texts differ only in what is cut off: the model sees "
                f"{len(same)} where there are {different}",
                place=rows.place(largest[0]),
                found=rows.named(largest),
                hint="shorten the beginnings that they share, or choose a longer limit or a model with a longer window",
                severity="warning",
            )
        ]
