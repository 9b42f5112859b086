"""Texts that a language model writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.data.rows import Rows
from tunesmith.errors import TunesmithError
from tunesmith.use.load import LoadedRun
from tunesmith.use.predict import AT_ONCE, predict, text_rows

WRITTEN_AT_ONCE = 64
"""Rows whose texts are written before any of them is given: a text takes seconds."""


def generate(
    loaded: LoadedRun,
    prompts: Rows | Sequence[str],
    *,
    max_new_tokens: int | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    first: int = 0,
) -> list[dict[str, Any]]:
    """What the model writes after each prompt (or text, or conversation), as `{"text": ...}`, in the order given.

    At most `max_new_tokens`; None leaves that to the task. Temperature 0 always takes the most probable token, or
    follows the job's beams; above it tokens are drawn, the same ones for the same seed and number of the prompt, of
    which the first one's is `first`.
    Raises TunesmithError use.cannot-generate for models that cannot.
    """
    if not writes_text(loaded):
        raise TunesmithError(
            "use.cannot-generate",
            "only language models in transformers' layout write texts",
            found=f"{loaded.job.task} with {loaded.job.model.options.get('name', loaded.job.model.name)}",
        )
    from tunesmith.train.device import usable_device

    rows = prompts if isinstance(prompts, Rows) else text_rows(loaded, prompts)
    loaded.model.module.to(usable_device(loaded.job.device))
    texts = loaded.task.generate(
        loaded.model, rows, max_new_tokens=max_new_tokens, temperature=temperature, seed=seed, first=first
    )
    return [{"text": text} for text in texts]


def answered(
    loaded: LoadedRun,
    rows: Rows,
    *,
    judged: bool = False,
    batch_size: int | None = None,
    max_new_tokens: int | None = None,
    temperature: float = 0.0,
    seed: int = 0,
) -> Iterator[tuple[Rows, list[dict[str, Any]]]]:
    """The rows, some at a time, with what the run's model says of each: text of its own making where it writes, else
    what `predict` gives. Memory does not grow with the rows.

    `judged`: how likely the rows' own answers are, and nothing written.
    """
    if judged or not writes_text(loaded):
        for _, some in rows.parts(AT_ONCE):
            yield some, predict(loaded, some, batch_size=batch_size)
        return
    for first, some in rows.parts(WRITTEN_AT_ONCE):
        yield (
            some,
            generate(loaded, some, max_new_tokens=max_new_tokens, temperature=temperature, seed=seed, first=first),
        )


def writes_text(loaded: LoadedRun) -> bool:
    """Whether this run's model answers with text of its own making."""
    return loaded.task.generates and hasattr(loaded.model.pretrained, "generate")
