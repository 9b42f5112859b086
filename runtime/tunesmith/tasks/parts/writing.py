"""What an encoder-decoder writes for its sources: in batches of like length, with the cache of keys and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.randomness import derive
from tunesmith.shortages import is_out_of_memory

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel, TextFormat
    from tunesmith.tasks.parts.source_target import Around


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How texts are searched for: `beams` at once, at most `longest` tokens, no `no_repeat` tokens twice in the same
    order (0: any), `length_penalty` above 1 for longer texts among beams. A `temperature` above 0 draws the tokens, by
    `seed` and the row's number alone, which is `first` for the first row."""

    beams: int
    longest: int
    length_penalty: float = 1.0
    no_repeat: int = 0
    temperature: float = 0.0
    seed: int = 0
    first: int = 0


def settings_of(pretrained: Any, reads: TextFormat, around: Around, writing: Writing) -> dict[str, Any]:
    """As transformers' GenerationConfig calls them. The first tokens are those of the targets that were learnt."""
    import torch

    from tunesmith.tasks.parts.source_target import begins
    from tunesmith.tasks.parts.teacher_forcing import decoder_inputs

    first = begins(reads, around)
    label = torch.tensor([[*first, *around.after] or [*reads.ends[:1]] or [0]])
    start = int(decoder_inputs(pretrained, label)[0, 0])
    padding = getattr(pretrained.config.get_text_config(), "pad_token_id", None)
    found: dict[str, Any] = {
        "decoder_start_token_id": start,
        "eos_token_id": list(reads.ends) or None,
        "pad_token_id": padding if padding is not None else next(iter(reads.ends), None),
        "forced_bos_token_id": first[0] if len(first) == 1 else None,
        "num_beams": writing.beams,
        "max_new_tokens": writing.longest,
        "no_repeat_ngram_size": writing.no_repeat or None,
    }
    if writing.beams > 1:
        found["length_penalty"] = writing.length_penalty
    if writing.temperature > 0:
        found |= {"do_sample": True, "temperature": writing.temperature}
    return found


def write_texts(
    model: LoadedModel,
    sources: Sequence[Sequence[int]],
    around: Around,
    writing: Writing,
    *,
    batch_size: int,
    between: Callable[[int], None] = lambda done: None,
) -> list[str]:
    """The text for each source (token ids), without special tokens, in the order of the sources.

    The longest sources come first; where memory does not suffice, batches are halved until it does. `between` takes the
    number of texts that are written, and may raise to give up.
    """
    import torch
    from transformers import GenerationConfig

    from tunesmith.tasks.parts.generation import without_own_settings
    from tunesmith.tasks.parts.texts import reads_of
    from tunesmith.tasks.parts.tokens import tokenizing

    pretrained, reads = model.pretrained, reads_of(model)
    assert reads.tokenizer is not None
    settings = settings_of(pretrained, reads, around, writing)
    padding = settings["pad_token_id"] or 0
    order = sorted(range(len(sources)), key=lambda row: -len(sources[row]))
    size = 1 if writing.temperature > 0 else max(1, batch_size)
    texts: list[str] = [""] * len(sources)
    done = 0
    model.module.eval()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        while done < len(order):
            rows = order[done : done + size]
            longest = len(sources[rows[0]])
            ids = torch.full((len(rows), longest), padding, dtype=torch.int64)
            mask = torch.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(sources[row])] = torch.tensor(sources[row])
                mask[place, : len(sources[row])] = 1
            if writing.temperature > 0:
                torch.default_generator.manual_seed(derive(writing.seed, "generate", writing.first + rows[0]))
            device = pretrained.device
            try:
                with without_own_settings(pretrained):
                    found = pretrained.generate(
                        ids.to(device),
                        attention_mask=mask.to(device),
                        generation_config=GenerationConfig(**settings, use_cache=True),  # type: ignore[no-untyped-call]
                    )
            except (MemoryError, RuntimeError, OSError) as error:
                if len(rows) == 1 or not is_out_of_memory(error):
                    raise
                size = (len(rows) + 1) // 2
                continue
            with tokenizing():
                written = reads.tokenizer.decode_batch(found[:, 1:].tolist(), skip_special_tokens=True)
            for row, text in zip(rows, written, strict=True):
                texts[row] = text
            done += len(rows)
            between(done)
    return texts
