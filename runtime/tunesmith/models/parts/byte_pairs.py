"""A tokenizer made from the training texts: byte-level pairs, the same for the same texts on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, END = "<|pad|>", "<|end|>"
CLS, SEP = "[CLS]", "[SEP]"


Ends = Literal["both", "last", "none"]


def byte_pairs(texts: Iterable[str], *, vocabulary: int, ends: Ends) -> Tokenizer:
    """At most `vocabulary` tokens; any text can be written in them. Padding is token 0.

    `ends`: texts are written between [CLS] and [SEP], as encoders do ("both"), or before <|end|>, as models that
    read one text and write another expect them ("last"); else <|end|> is there for the task to use.
    Source: Gage 1994; Sennrich et al. 2016, arXiv:1508.07909; on bytes: Radford et al. 2019.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [PAD, CLS, SEP] if ends == "both" else [PAD, END]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(iter(texts), trainer)
    if ends == "both":
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{CLS} $A {SEP}",
            pair=f"{CLS} $A {SEP} $B:1 {SEP}:1",
            special_tokens=[(CLS, special.index(CLS)), (SEP, special.index(SEP))],
        )
    elif ends == "last":
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"$A {END}", special_tokens=[(END, special.index(END))]
        )
    return tokenizer
