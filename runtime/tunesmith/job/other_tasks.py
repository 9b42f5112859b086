"""Tasks that people ask for and that are not there yet, with what does instead today."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CHAT = "take causal-lm with the columns `prompt` and `response`: the model writes the answer as text"
_LABELS = "take text-classification, with the text around the place in a column of its own"

_INSTEAD: Mapping[str, str] = {
    "image-generation": "no task makes images; image-classification tells what an image shows",
    "text-to-image": "no task makes images; image-classification tells what an image shows",
    "diffusion": "no task makes images; image-classification tells what an image shows",
    "object-detection": "image-classification tells what an image shows as a whole, not where",
    "detection": "image-classification tells what an image shows as a whole, not where",
    "segmentation": "image-classification tells what an image shows as a whole, not which pixels",
    "image-segmentation": "image-classification tells what an image shows as a whole, not which pixels",
    "image-captioning": "no task reads images and writes text",
    "visual-question-answering": "no task reads images and writes text",
    "token-classification": _LABELS,
    "ner": _LABELS,
    "named-entity-recognition": _LABELS,
    "pos-tagging": _LABELS,
    "translation": _CHAT,
    "summarization": _CHAT,
    "summarisation": _CHAT,
    "question-answering": _CHAT,
    "seq2seq": _CHAT,
    "text2text-generation": _CHAT,
    "masked-lm": "take causal-lm, which learns from plain text too",
    "fill-mask": "take causal-lm, which learns from plain text too",
    "embedding": "take text-classification where the pairs have labels (`text` and `text_pair`)",
    "sentence-similarity": "take regression or text-classification on the two texts joined",
    "retrieval": "take text-classification where the pairs have labels (`text` and `text_pair`)",
    "ranking": "take regression on a score for each row",
    "recommendation": "take regression on a score for each row",
    "time-series": "take regression, with the values before as `columns`; split by time into files of your own",
    "forecasting": "take regression, with the values before as `columns`; split by time into files of your own",
    "clustering": "no task learns without answers",
    "anomaly-detection": "take text-classification or image-classification with a label for the odd ones",
    "reinforcement-learning": "no task learns from rewards; causal-lm learns from good answers",
    "rlhf": "no task learns from rewards; causal-lm learns from good answers",
    "dpo": "no task learns from preferences; causal-lm learns from good answers (`response: chosen`)",
    "reward-modeling": "take regression on a score for each answer",
    "speech-recognition": "no task reads sound",
    "automatic-speech-recognition": "no task reads sound",
    "audio-classification": "take image-classification on pictures of the spectra",
    "text-to-speech": "no task makes sound",
    "video-classification": "take image-classification on single frames",
    "tabular-classification": "take image-classification with `columns`, which reads any numbers",
    "tabular-regression": "this is regression with `columns`",
    "text-generation": "this is causal-lm",
    "language-modeling": "this is causal-lm",
    "chat": "this is causal-lm with `messages`",
    "instruction-tuning": "this is causal-lm with `prompt` and `response`",
    "sft": "this is causal-lm with `prompt` and `response`, or `messages`",
    "sentiment-analysis": "this is text-classification",
    "sequence-classification": "this is text-classification",
    "multi-label-classification": "this is text-classification or image-classification, with lists as labels",
}


def instead_of(task: str) -> str:
    """What to do in place of a task of this name that is not there: a sentence, or "" for a name nobody knows."""
    name = re.sub(r"[\s_]+", "-", task.strip().lower())
    return _INSTEAD.get(name, "")


def hint_for(task: str, close: str | None) -> str:
    """The hint for an unknown task: what to do instead, else the nearest name (`close`), if it is a misspelling."""
    known = instead_of(task)
    if known:
        return f"not there yet: {known}" if not known.startswith("this is") else known
    return f"rename it to {close}" if close else ""
