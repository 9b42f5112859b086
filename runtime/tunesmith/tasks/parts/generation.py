"""What a causal model writes after a prompt, until it ends its turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.randomness import derive

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel


def write(
    model: LoadedModel,
    prompts: Sequence[tuple[str, tuple[int, ...]]],
    *,
    begin: int | None,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    first: int = 0,
) -> list[str]:
    """The text after each prompt, without the token that ends it; the second of a prompt are the tokens that do.

    A temperature of 0 takes the most probable token each time; above it, what is drawn for a prompt depends on `seed`
    and the prompt's number (that of the first one is `first`), on no other prompt. What the model cannot see at once is
    never asked of it: writing stops where its window is full. Raises TunesmithError use.prompt-too-long where the
    prompt fills it.
    """
    import torch

    from tunesmith.tasks.parts.texts import tokenizer_of
    from tunesmith.tasks.parts.tokens import refuse_unknown_ids, tokenizing

    tokenizer = tokenizer_of(model)
    padding = getattr(getattr(model.pretrained, "config", None), "pad_token_id", None)
    answers = []
    model.module.eval()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        for row, (prompt, ends) in enumerate(prompts, start=first):
            torch.default_generator.manual_seed(derive(seed, "generate", row))
            with tokenizing():
                ids = tokenizer.encode(prompt, add_special_tokens=False).ids
            if begin is not None and ids[:1] != [begin]:
                ids = [begin, *ids]
            ids = ids or [ends[0] if ends else 0]
            refuse_unknown_ids(model.text, max(ids))
            room = model.window - len(ids) if model.window else max_new_tokens
            if room < 1:
                raise TunesmithError(
                    "use.prompt-too-long",
                    f"the prompt fills the model's window of {model.window} tokens: nothing can be written behind it",
                    found=f"{len(ids)} tokens",
                    hint="shorten the prompt, or choose a model with a longer window",
                )
            with without_own_settings(model.pretrained):
                found = model.pretrained.generate(
                    torch.tensor([ids], device=model.pretrained.device),
                    max_new_tokens=min(max_new_tokens, room),
                    do_sample=temperature > 0,
                    **({"temperature": temperature} if temperature > 0 else {}),
                    eos_token_id=list(ends) or None,
                    pad_token_id=padding if padding is not None else next(iter(ends), None),
                    use_cache=True,
                )
            written = found[0, len(ids) :].tolist()
            stop = next((place for place, token in enumerate(written) if token in ends), len(written))
            with tokenizing():
                answers.append(tokenizer.decode(written[:stop]))
    return answers


@contextmanager
def without_own_settings(pretrained: Any) -> Iterator[None]:
    """Write by the settings given alone: those of the model's folder may ask for beams, penalties or forced tokens."""
    from transformers import GenerationConfig

    # The model within an adapter is the one whose settings count.
    inner = pretrained.get_base_model() if hasattr(pretrained, "get_base_model") else pretrained
    own, inner.generation_config = inner.generation_config, GenerationConfig()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        inner.generation_config = own
