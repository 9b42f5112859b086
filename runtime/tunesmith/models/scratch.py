"""A small transformer without any knowledge, to be trained from nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.members import ModelSource
from tunesmith.options import Integer, Real, Text

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from tunesmith.contracts.model import Head, LoadedModel, ModelRequest, TextFormat
    from tunesmith.models.parts.byte_pairs import Ends

MEMBER = ModelSource(
    name="scratch",
    help="A small transformer with random weights: an encoder (like BERT) for labels and numbers, a causal model (like "
    "Llama) for text, or an encoder and a decoder (like T5) for text from text.",
    when="Text unlike all that models were pretrained on, or to learn how training works. It needs far more rows.",
    source="Devlin et al. 2018, arXiv:1810.04805; Touvron et al. 2023, arXiv:2302.13971; Raffel et al. 2019, "
    "arXiv:1910.10683",
    makes_tokenizer=True,
    options={
        "layers": Integer(
            4,
            at_least=1,
            help="How many blocks stand on each other; in the encoder and in the decoder each.",
            advice="2 to 6 for small data.",
        ),
        "width": Integer(
            256,
            at_least=8,
            help="Numbers that stand for a token; a multiple of `heads`.",
            advice="128 to 512 on a CPU.",
        ),
        "heads": Integer(4, at_least=1, help="Attention heads of a block.", advice="Width divided by 32 or 64."),
        "vocabulary": Integer(
            8000,
            at_least=300,
            at_most=1_000_000,
            unit="tokens",
            help="The most tokens that the tokenizer made from the training texts may have.",
            advice="4,000 to 16,000 for small data: rare tokens are hardly learnt.",
        ),
        "window": Integer(512, at_least=8, unit="tokens", help="The longest input.", advice="As long as your texts."),
        "dropout": Real(
            0.1,
            at_least=0,
            below=1,
            help="Share of values set to 0 while training (causal models have none).",
            advice="0.1; more for few rows.",
        ),
        "tokenizer": Text(
            None,
            help="A folder with tokenizer.json, or a bundled name; none makes one from the training texts.",
            advice="Leave it out, unless several models must share a vocabulary.",
        ),
    },
)


def claims(name: str, folder: Path) -> bool:
    """Whether `name` is the word scratch."""
    return name == "scratch"


def text_format(name: str, folder: Path, options: Mapping[str, Any]) -> TextFormat:
    """How the model will read text; without a tokenizer where one will be made from the training texts.

    A model beside a given tokenizer is another one: its limits do not hold.
    """
    from tunesmith.contracts.model import TextFormat
    from tunesmith.models.parts.named_tokenizers import named_folder
    from tunesmith.models.parts.tokenizers import text_format

    place = named_folder(options.get("tokenizer"), folder)
    found = (text_format(place) if place else None) or TextFormat(tokenizer=None)
    window = options.get("window", MEMBER.options["window"].default)
    return replace(found, window=window, reach=None, vocabulary=None, ends=(), sentence=None)


def load(request: ModelRequest) -> LoadedModel:
    """A model with random weights from the request's seed, and its tokenizer: given, kept from the run, or made."""
    from tunesmith.models.parts.named_tokenizers import named_folder
    from tunesmith.models.parts.pretrained import dress, fit_config, loading_choices, request_tokenizer
    from tunesmith.models.parts.quiet import quiet
    from tunesmith.models.parts.seeded import seeded
    from tunesmith.models.parts.shapes import shapes_only

    head = request.head
    kind = _KINDS.get(head.ending, _bert)
    if head.reads != "text":
        raise TunesmithError(
            "model.wrong-input",
            "a model from scratch reads text",
            found=f"a job that gives it {head.reads}",
            hint="name a model of your own as package.module:callable",
        )
    settings = {name: request.options.get(name, option.default) for name, option in MEMBER.options.items()}
    if settings["width"] % settings["heads"]:
        raise TunesmithError(
            "model.width-not-multiple",
            "the width of a model must be a multiple of its heads",
            found=f"width {settings['width']}, heads {settings['heads']}",
        )
    folder = named_folder(settings["tokenizer"], request.folder)
    text = request_tokenizer(request) or text_format(request.name, request.folder, settings)
    words = text.tokenizer
    if words is None:
        words = _made(request, settings, _ENDS.get(head.ending, "both"))
        text = replace(text, tokenizer=words, made=True)
    with quiet(), seeded(request.seed, "model"):
        model_class, config = kind(head, words, text.special_tokens, settings)
        fit_config(config, request.head, text, folder)
        config._attn_implementation = loading_choices(model_class, request)["attn_implementation"]
        with shapes_only(request):
            module = model_class(config)
    return dress(module, request, text, folder)


def _made(request: ModelRequest, settings: Mapping[str, Any], ends: Ends) -> Tokenizer:
    from tunesmith.models.parts.byte_pairs import byte_pairs

    if not request.texts:
        raise TunesmithError(
            "model.no-texts",
            "a model from scratch makes its tokenizer from the training texts, and there are none",
            hint="name a tokenizer: model: {scratch: {tokenizer: FOLDER}}",
        )
    return byte_pairs(request.texts, vocabulary=settings["vocabulary"], ends=ends)


def _token(words: Tokenizer, named: Mapping[str, str], roles: tuple[str, ...], usual: tuple[str, ...]) -> int | None:
    """The number of a special token: the one that the tokenizer has `named` for a role, or one of the `usual` texts."""
    own = next((named[role] for role in roles if role in named), None)
    known = [words.token_to_id(text) for text in ((own, *usual) if own else usual)]
    return next((token for token in known if token is not None), None)


_PADDING = ("<|pad|>", "[PAD]", "<pad>")
_END = ("<|end|>", "<|endoftext|>", "</s>", "[SEP]")


def _llama(head: Head, words: Tokenizer, named: Mapping[str, str], settings: Mapping[str, Any]) -> tuple[Any, Any]:
    from transformers.models.llama.configuration_llama import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaForCausalLM

    return LlamaForCausalLM, LlamaConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=settings["width"],
        intermediate_size=_feed(settings["width"] * 8 / 3),
        num_hidden_layers=settings["layers"],
        num_attention_heads=settings["heads"],
        max_position_embeddings=settings["window"],
        tie_word_embeddings=True,
        bos_token_id=_token(words, named, ("bos_token",), ()),
        eos_token_id=_token(words, named, ("eos_token", "sep_token"), _END),
        pad_token_id=_token(words, named, ("pad_token",), _PADDING),
    )


def _t5(head: Head, words: Tokenizer, named: Mapping[str, str], settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Norms come before the layers, as in T5: BART's order hardly begins to learn from random weights."""
    from transformers.models.t5.configuration_t5 import T5Config
    from transformers.models.t5.modeling_t5 import T5ForConditionalGeneration

    padding = _token(words, named, ("pad_token",), _PADDING) or 0
    return T5ForConditionalGeneration, T5Config(
        vocab_size=words.get_vocab_size(),
        d_model=settings["width"],
        d_kv=settings["width"] // settings["heads"],
        d_ff=settings["width"] * 4,
        num_layers=settings["layers"],
        num_heads=settings["heads"],
        dropout_rate=settings["dropout"],
        pad_token_id=padding,
        eos_token_id=_token(words, named, ("eos_token", "sep_token"), _END),
        decoder_start_token_id=padding,  # type: ignore[call-arg]
    )


def _feed(width: float) -> int:
    """Rounded to a multiple of 64, which matrix kernels like."""
    return max(64, round(width / 64) * 64)


def _bert(head: Head, words: Tokenizer, named: Mapping[str, str], settings: Mapping[str, Any]) -> tuple[Any, Any]:
    from transformers.models.bert import modeling_bert
    from transformers.models.bert.configuration_bert import BertConfig

    model_class = getattr(modeling_bert, f"Bert{head.ending or 'Model'}", None)
    if model_class is None:
        raise TunesmithError("model.no-such-head", f"a model from scratch has no class {head.auto}", found="scratch")
    return model_class, BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=settings["width"],
        intermediate_size=settings["width"] * 4,
        num_hidden_layers=settings["layers"],
        num_attention_heads=settings["heads"],
        max_position_embeddings=settings["window"],
        hidden_dropout_prob=settings["dropout"],
        attention_probs_dropout_prob=settings["dropout"],
        pad_token_id=_token(words, named, ("pad_token",), _PADDING) or 0,
    )


_KINDS = {"ForCausalLM": _llama, "ForSeq2SeqLM": _t5}
_ENDS: Mapping[str, Ends] = {"ForCausalLM": "none", "ForSeq2SeqLM": "last"}
