"""Long texts in windows that overlap: no token is lost, and each place is read where it has most around it.

A row of T tokens becomes windows of at most `room` of them; a window shares `stride` tokens with the one before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunesmith.data.rows import Rows
from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.options import Integer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tunesmith.contracts.model import TextFormat


def window_options(usual: int) -> Mapping[str, Integer]:
    """What a task with windows lets a job say of them, under `data:`."""
    return {
        "max_length": Integer(
            None,
            at_least=8,
            unit="tokens",
            help=f"How much is read at once; none means {usual}, or the model's window if that is shorter. Longer "
            "texts are read in several windows, and nothing is cut.",
            advice="Longer windows see more around each word, and take more memory.",
        ),
        "stride": Integer(
            None,
            at_least=0,
            unit="tokens",
            help="How many tokens of a long text each window shares with the one before it; none means a quarter of "
            "`max_length`.",
            advice="At least as many as the longest answer has, so that each stands whole in some window.",
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """`length`: tokens of a window with the special ones; `stride`: tokens shared by neighbours."""

    length: int
    stride: int

    def spans(self, tokens: int, around: int) -> list[tuple[int, int]]:
        """Begin and end of each window over `tokens` tokens, `around` others (specials, a question) beside them.

        Every token is in one of them; the last is as long as the others. Raises data.window-too-short.
        """
        room = self.length - around
        if room <= self.stride:
            raise TunesmithError(
                "data.window-too-short",
                f"a window of {self.length} tokens has room for {max(room, 0)} of the text, and shares {self.stride} "
                "with the next one: it cannot move on",
                place=Place(key="data.stride"),
                hint="lower data.stride, or raise data.max_length",
            )
        if tokens <= room:
            return [(0, tokens)]
        begins = list(range(0, tokens - room, room - self.stride))
        return [(begin, begin + room) for begin in begins] + [(tokens - room, tokens)]


def windows_for(length: int | None, stride: int | None, reads: TextFormat | None, *, usual: int) -> Windows:
    """The job's wishes, within what the model's positions allow."""
    chosen = length or usual
    if reads is not None and reads.window:
        chosen = min(chosen, reads.window)
    return Windows(length=chosen, stride=chosen // 4 if stride is None else stride)


def best_windows(places: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """For each of `places` (tokens of a row, (P,)) the number of the window with most tokens on its shorter side.

    A side on which the text itself ends lacks nothing.
    """
    import numpy as np

    if len(spans) == 1:
        return np.zeros(len(places), np.int64)
    begins, ends = np.array(spans).T
    far = int(ends[-1]) + 1
    left = np.where(begins[:, None] > 0, places - begins[:, None], far)
    right = np.where(ends[:, None] < ends[-1], ends[:, None] - 1 - places, far)
    inside = (places >= begins[:, None]) & (places < ends[:, None])
    found: NDArray[np.int64] = np.argmax(np.where(inside, np.minimum(left, right), -1), axis=0)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a tokenizer writes before a text, between two texts, and behind them: token ids."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    behind: tuple[int, ...]


def around_text(tokenizer: Tokenizer) -> Around:
    """The special tokens around a single text."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    found = tokenizer.encode("a")
    mask = found.special_tokens_mask
    first = mask.index(0) if 0 in mask else len(mask)
    last = len(mask) - (mask[::-1].index(0) if 0 in mask else 0)
    return Around(before=tuple(found.ids[:first]), between=(), behind=tuple(found.ids[last:]))


def window_notes(rows: Rows, counts: Sequence[int], windows: Windows, *, what: str = "texts") -> list[Problem]:
    """How many rows are read in several windows; `counts` says in how many."""
    several = [row for row, count in enumerate(counts) if count > 1]
    if not several:
        return []
    most = max(several, key=lambda row: counts[row])
    return [
        Problem(
            code="data.several-windows",
            message=f"{len(several)} of {len(counts)} {what} are longer than {windows.length} tokens and are read in "
            f"windows that share {windows.stride} tokens: nothing is cut",
            place=rows.place(most),
            found=f"the longest makes {counts[most]} windows: {rows.named([most, *(r for r in several if r != most)])}",
            hint="raise data.max_length if the model's window allows it, so that more is seen at once",
            severity="info",
        )
    ]
