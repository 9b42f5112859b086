"""`tunesmith/predict`."""

from __future__ import annotations

from typing import Any

from tunesmith.protocol.codec import wrong
from tunesmith.protocol.method import request
from tunesmith.protocol.use import METHODS, PredictParams
from tunesmith.server.session import Session

MEMBER = request("tunesmith/predict", METHODS)
DEADLINE_S = 1800.0
MOST_TEXTS = 10_000


async def answer(session: Session, params: PredictParams) -> Any:
    """Asked in a helper process that keeps torch for the next question."""
    if len(params.texts) > MOST_TEXTS:
        raise wrong("params.texts", f"{len(params.texts)} texts", f"at most {MOST_TEXTS}")
    if not params.texts and params.file is None:
        raise wrong("params.texts", [], "at least one text, or a file")
    run = await session.run(params.run)
    return await session.ask(
        "heavy",
        "tunesmith.server.work.models:predict",
        {
            "run": str(run.path),
            "texts": list(params.texts),
            "file": None if params.file is None else str(session.path(params.file, "params.file")),
            "checkpoint": params.checkpoint,
            "limit": max(0, params.limit),
            "max_new_tokens": params.max_new_tokens,
            "temperature": params.temperature,
            "seed": params.seed,
            "untuned": params.untuned,
            "trusted": session.trusted,
        },
        timeout_s=DEADLINE_S,
        saying="loading the model and asking it",
    )
