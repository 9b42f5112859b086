"""What a model source gets and gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import nn


PixelScale: TypeAlias = tuple[float | list[float], float | list[float]]
"""What is subtracted from a pixel's value of 0 to 255, and what is divided by then: one number, or one a channel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """What the task needs on top of a model, and what other tools call it.

    `auto`: transformers' automatic class that has it, such as AutoModelForTokenClassification; "" where the inputs are
    nothing that a transformers model reads. `reads`: what the inputs are. `outputs`: how many numbers a row (or a
    token) gets, with the names of `labels` where they have some; 0 where the architecture decides. `problem`:
    transformers' problem_type. `is_new`: the layers outside of the base model are made for the task; if not, they come
    with the weights. `pads`: the model finds a text's last token by the padding token. `adapters`: PEFT's task type.
    `pipeline`: the hub's tag for such models. `library`: who opens an exported model beside transformers and PEFT.
    `gives`: what its outputs are called where they have a name of their own (ONNX). `parts`: where transformers' class
    returns the numbers of an output one by one, such as start_logits and end_logits, their names in order.
    """

    auto: str
    reads: Literal["text", "image", "numbers"]
    outputs: int
    labels: Sequence[str] = ()
    problem: str = ""
    is_new: bool = True
    pads: bool = False
    adapters: str = ""
    pipeline: str = ""
    library: str = ""
    gives: str = "logits"
    parts: Sequence[str] = ()

    @property
    def ending(self) -> str:
        """How transformers' classes with this head are called after the architecture: `ForTokenClassification`."""
        return self.auto.removeprefix("AutoModel")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentenceFormat:
    """How a model makes one vector of a text, as a folder of sentence-transformers says.

    `pooling` is its word for it (mean, cls, lasttoken, ...), `normalise` whether vectors are scaled to length 1,
    `longest` the limit in tokens, `prompts` what stands before a text by its use (query, document), `unread` the kinds
    of modules that come after the pooling and are not computed here.
    """

    pooling: str
    normalise: bool = False
    longest: int | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Languages:
    """The languages that a tokenizer names in the tokens of a text, as those of translation models of many languages.

    `tokens`: each language's token by its code. `source` and `target`: the tokens before and after a text that is read,
    and one that is written; None stands for the language's own.
    """

    tokens: Mapping[str, int]
    source: tuple[tuple[int | None, ...], tuple[int | None, ...]]
    target: tuple[tuple[int | None, ...], tuple[int | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextFormat:
    """How a model reads and writes text, as far as its files say: known without torch.

    `tokenizer` cuts text exactly as transformers' own for the same folder; None where it is made from the training
    texts. `chat_template` is Jinja, `special_tokens` what it may write, by role (bos_token, ...). `window`: the longest
    input in tokens; `reach`: how far back sliding attention looks; `vocabulary`: how many tokens have an embedding
    (None: not known, or no limit). `begin` and `ends`: the tokens that the configuration puts around a text.
    `sentence`: how it makes a vector of a text, where it does. `languages`: where its tokens name the language of a
    text. `made`: whether the tokenizer was made from the training texts, so that it knows their script.
    """

    tokenizer: Tokenizer | None
    chat_template: str | None = None
    special_tokens: Mapping[str, str] = field(default_factory=dict)
    window: int | None = None
    reach: int | None = None
    vocabulary: int | None = None
    begin: int | None = None
    ends: tuple[int, ...] = ()
    sentence: SentenceFormat | None = None
    languages: Languages | None = None
    made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelRequest:
    """`name` is what the job says under `model`; `seed` decides the weights that are made anew (a head, or all).

    `network`: whether a hub may be asked. `trusted`: whether the project's own code may be imported.
    `texts`: the training texts (true where there are any), for a source that makes its tokenizer from them; it then
    leaves `tokenizer_folder` None, the run keeps `tokenizer.to_str()` and hands it back as `tokenizer_json` when it is
    resumed or used.
    `weights`: whether they are needed; if not, the module lies on the meta device where that can be: shapes, no bytes.
    """

    name: str
    options: Mapping[str, Any]
    head: Head
    folder: Path
    seed: int
    network: bool = False
    trusted: bool = True
    texts: Iterable[str] = ()
    tokenizer_json: str | None = None
    weights: bool = True


@dataclass(slots=True, kw_only=True)
class LoadedModel:
    """A module ready to be tuned, on the CPU in float32.

    `module` is what the loop calls. `kind` tells the task how: `transformers` (keyword arguments, `.logits`) or
    `module` (one positional tensor, a tensor back). `pretrained` is the transformers model inside (for saving) or None.
    `text` is how it reads text (None: it does not), `tokenizer_folder` where the tokenizer's files lie.
    `head_modules` are the dotted names of the parts made anew (always trained).
    `frozen` are the dotted names of weights that the project's own code froze: no method trains them.
    `pixel_scale`: how the model's own settings scale pixels, where it reads images and has such.
    `head` is what the task wanted. `output`: which part of what `module` returns holds the outputs, once that is known;
    None for a lone tensor.
    """

    module: nn.Module
    kind: Literal["transformers", "module"]
    head: Head = Head(auto="", reads="numbers", outputs=0)
    pretrained: Any = None
    text: TextFormat | None = None
    tokenizer_folder: Path | None = None
    head_modules: tuple[str, ...] = ()
    frozen: frozenset[str] = frozenset()
    pixel_scale: PixelScale | None = None
    output: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def tokenizer(self) -> Tokenizer | None:
        """What cuts text into tokens, or None."""
        return self.text.tokenizer if self.text else None

    @property
    def window(self) -> int | None:
        """The longest input in tokens, or None for no limit."""
        return self.text.window if self.text else None

    def checkpoint_activations(self) -> None:
        """Keep few activations and compute the others anew in the backward pass; only transformers models can."""
        if self.pretrained is None:
            return
        if hasattr(self.pretrained, "activation_checkpointing_enable"):
            self.pretrained.activation_checkpointing_enable()
        else:  # as earlier versions of transformers call it
            self.pretrained.gradient_checkpointing_enable()
