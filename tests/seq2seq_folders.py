"""Tiny encoder-decoders of every kind with their tokenizers, as transformers saves them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, processors

from tokenizer_folders import ANGLES, CORPUS, unigram

PAIRS = [
    ("The quick brown fox", "Der schöne Frühling läßt Äpfel"),
    ("jumps over the lazy dog.", "wachsen"),
    ("It's what they've said, isn't it?", "und Überraschungen wachsen; déjà vu"),
    ("déjà vu à l'été", "the lazy dog"),
    ("dog", "the quick brown dog jumps over what they said"),
    ("what they've said over the lazy brown fox", "fox"),
    ("Der schöne Frühling", "it jumps"),
    ("a fox", "ein schöner Fuchs"),
]
KINDS = ("t5", "bart", "marian", "mbart", "mbart50", "nllb")
SIZES = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": 64,
}


def save_folder(folder: Path, kind: str) -> None:
    """A model of random weights, without dropout, and its tokenizer."""
    import torch
    from transformers import AutoModelForSeq2SeqLM

    tokenizer = _tokenizer(kind)
    numbers = {role: tokenizer.convert_tokens_to_ids(token) for role, token in tokenizer.special_tokens_map.items()}
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        model = AutoModelForSeq2SeqLM.from_config(_config(kind, len(tokenizer), numbers))
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.data.normal_(0, 0.4)  # so that it does not write the same for every source
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _config(kind: str, size: int, numbers: dict[str, int]) -> Any:
    from transformers import BartConfig, M2M100Config, MarianConfig, MBartConfig, T5Config

    pad, eos, bos = (numbers.get(role) for role in ("pad_token", "eos_token", "bos_token"))
    tokens = {"pad_token_id": pad, "eos_token_id": eos, "vocab_size": size, "tie_word_embeddings": False}
    off = {"dropout": 0.0, "forced_eos_token_id": None}
    if kind == "t5":
        shape = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0}
        return T5Config(**shape, **tokens, decoder_start_token_id=pad)
    if kind == "marian":
        return MarianConfig(**SIZES, **tokens, **off, bos_token_id=None, decoder_start_token_id=pad)
    if kind in ("mbart", "mbart50"):
        return MBartConfig(**SIZES, **tokens, **off, bos_token_id=bos, decoder_start_token_id=eos)
    if kind == "nllb":
        return M2M100Config(**SIZES, **tokens, dropout=0.0, bos_token_id=bos, decoder_start_token_id=eos)
    return BartConfig(**SIZES, **tokens, **off, bos_token_id=bos, decoder_start_token_id=eos)


def _tokenizer(kind: str) -> Any:
    """Pieces of SentencePiece for all; what stands around a text differs."""
    from transformers import MBart50Tokenizer, MBartTokenizer, NllbTokenizer, PreTrainedTokenizerFast

    words = sorted({word for text in CORPUS for word in text.split()})
    signs = sorted({sign for text in CORPUS for sign in text if not sign.isspace()})
    pieces = [(f"▁{word}", -5.0) for word in words] + [("▁", -6.0)] + [(sign, -9.0) for sign in signs]
    first = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    if kind in ("mbart", "mbart50"):
        tokenizer_class = MBartTokenizer if kind == "mbart" else MBart50Tokenizer
        codes = sys.modules[tokenizer_class.__module__].FAIRSEQ_LANGUAGE_CODES
        return tokenizer_class(vocab=[*first, *pieces, *[(code, 0.0) for code in codes], ("<mask>", 0.0)])
    if kind == "nllb":
        vocabulary = {token: number for number, (token, _) in enumerate([*first, ("▁", 0.0)])}
        for sign in signs:
            vocabulary.setdefault(sign, len(vocabulary))
        return NllbTokenizer(vocab=vocabulary, merges=[])
    found: Tokenizer = unigram(ANGLES)
    begin, end = ("<s>", found.token_to_id("<s>")), ("</s>", found.token_to_id("</s>"))
    template = "<s> $A </s>" if kind == "bart" else "$A </s>"
    found.post_processor = processors.TemplateProcessing(single=template, special_tokens=[begin, end])
    named = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=found, **named, **({"bos_token": "<s>"} if kind == "bart" else {}))
