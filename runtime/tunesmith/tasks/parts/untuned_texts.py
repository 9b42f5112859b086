"""What a model makes, before it is tuned, of the rows that judge it: kept as features beside theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tunesmith.data.features import Features, Ragged


@dataclass(frozen=True, slots=True, kw_only=True)
class UntunedTexts:
    """`outputs` (N, 2): negative log-likelihood and number of tokens of each row's target. `written`: what the model
    wrote for some of the rows, by the row's number."""

    outputs: NDArray[np.float64]
    written: Mapping[int, str]

    def features(self) -> Features:
        """As arrays of all rows: the texts as bytes of UTF-8."""
        encoded = [self.written.get(row, "").encode() for row in range(len(self.outputs))]
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        is_written = np.zeros(len(encoded), np.bool_)
        is_written[list(self.written)] = True
        return {
            "before": self.outputs,
            "before.text": Ragged(np.frombuffer(b"".join(encoded), np.uint8), offsets),
            "before.is_written": is_written,
        }


def untuned_texts(features: Features) -> UntunedTexts | None:
    """What `features` hold of it; None where nothing was asked."""
    if "before" not in features:
        return None
    rows: Sequence[int] = np.flatnonzero(features["before.is_written"]).tolist()  # type: ignore[arg-type]
    texts = features["before.text"]
    return UntunedTexts(
        outputs=np.asarray(features["before"], np.float64),
        written={row: np.asarray(texts[row]).tobytes().decode() for row in rows},
    )
