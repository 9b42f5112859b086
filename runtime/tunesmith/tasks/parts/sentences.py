"""How a job makes one vector of a text: what it says itself, else what the model's folder says. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Place, Problem, TunesmithError
from tunesmith.options import Flag, Integer, OneOf, Option, Text
from tunesmith.tasks.parts.texts import length_limit

if TYPE_CHECKING:
    from tunesmith.contracts.model import TextFormat

POOLINGS = {"mean": "mean", "cls": "cls", "lasttoken": "last"}
"""Ways of pooling, by sentence-transformers' word for them."""

OPTIONS: Mapping[str, Option] = {
    "pooling": OneOf(
        "auto",
        values=("auto", "mean", "cls", "last"),
        help="How the vectors of a text's tokens become one: their mean, the first one, or the last one. auto is what "
        "the model's folder says, else the mean.",
        advice="Leave it at auto; last for causal models whose folder says nothing.",
    ),
    "normalise": Flag(
        None,
        help="Scale vectors to length 1; none means what the model's folder says, and yes where it says nothing.",
        advice="Yes: then a product of two vectors is their cosine.",
    ),
    "max_length": Integer(
        None,
        at_least=2,
        unit="tokens",
        help="Longer texts are cut; none means what the model's folder says, else 128, or the model's window.",
        advice="`check` says how many texts are cut.",
    ),
    "query_prompt": Text(
        None,
        help="What is put before every anchor, such as `query: `; none means what the model's folder says.",
        advice="As the model's author says: E5, BGE and others need it.",
    ),
    "document_prompt": Text(
        None,
        help="What is put before every other text, such as `passage: `; none means what the model's folder says.",
        advice="As the model's author says.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """How one vector is made of a text."""

    pooling: str
    normalise: bool
    limit: int
    query_prompt: str = ""
    document_prompt: str = ""


def vectors_of(options: Mapping[str, Any], reads: TextFormat | None) -> Vectors:
    """The job's options, and for what they leave open what the model says. Raises what `unknown_modules` finds."""
    found = unknown_modules(options, reads)
    if found is not None:
        raise TunesmithError(found.code, found.message, place=found.place, found=found.found, hint=found.hint)
    own = reads.sentence if reads is not None else None
    pooling, normalise = options.get("pooling", "auto"), options.get("normalise")
    prompts = own.prompts if own else {}
    chosen = options.get("max_length") or (own.longest if own else None)

    def prompt(key: str, *names: str) -> str:
        given = options.get(key)
        return given if given is not None else next((prompts[name] for name in names if name in prompts), "")

    return Vectors(
        pooling=pooling if pooling != "auto" else POOLINGS[own.pooling] if own else "mean",
        normalise=normalise if normalise is not None else own.normalise if own else True,
        limit=length_limit(chosen, reads),
        query_prompt=prompt("query_prompt", "query"),
        document_prompt=prompt("document_prompt", "document", "passage"),
    )


def unknown_modules(options: Mapping[str, Any], reads: TextFormat | None) -> Problem | None:
    """What of the model's own way to a vector is not computed here, where the job does not replace it."""
    own = reads.sentence if reads is not None else None
    if own is None:
        return None
    if own.unread:
        return Problem(
            code="model.sentence-modules",
            message="the model ends in modules that Tunesmith does not compute: its vectors would be others",
            place=Place(key="model"),
            found=", ".join(own.unread),
            hint="remove them from modules.json to tune the model without them, or choose another model",
        )
    if options.get("pooling", "auto") == "auto" and own.pooling not in POOLINGS:
        return Problem(
            code="model.sentence-modules",
            message="the model pools its tokens in a way that Tunesmith does not compute",
            place=Place(key="data.pooling"),
            found=own.pooling,
            allowed=tuple(POOLINGS.values()),
            hint="write `pooling: mean` to tune it with another one",
        )
    return None


def sentence_files(vectors: Vectors, size: int) -> dict[str, Any]:
    """What sentence-transformers reads beside a model, as JSON by path; in the form that all its versions read."""
    modules = ["Transformer", "Pooling", *(["Normalize"] if vectors.normalise else [])]
    places = ["", *(f"{number}_{name}" for number, name in enumerate(modules[1:], start=1))]
    names = {word: ours for word, ours in POOLINGS.items() if ours == vectors.pooling}
    keys = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens", "lasttoken": "pooling_mode_lasttoken"}
    prompts = {"query": vectors.query_prompt, "document": vectors.document_prompt}
    files: dict[str, Any] = {
        "modules.json": [
            {"idx": number, "name": str(number), "path": place, "type": f"sentence_transformers.models.{name}"}
            for number, (name, place) in enumerate(zip(modules, places, strict=True))
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": size,
            **{key: word in names for word, key in keys.items()},
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
            "pooling_mode_weightedmean_tokens": False,
            "include_prompt": True,
        },
        "sentence_bert_config.json": {"max_seq_length": vectors.limit, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
    }
    return files
