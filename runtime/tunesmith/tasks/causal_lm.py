"""The next token: plain text, prompts with responses, or conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunesmith.data.rows import Rows
from tunesmith.data.values import is_empty
from tunesmith.errors import Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.members import Column, Task
from tunesmith.options import Integer, OneOf
from tunesmith.tasks._chat import Piece, Template, chat_template, messages_of, plain_pieces, plain_prompt, special_texts
from tunesmith.tasks._findings import findings
from tunesmith.tasks._texts import text_of
from tunesmith.tasks.contract import Batch, Facts

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tunesmith.data.features import Features
    from tunesmith.models.contract import Head, LoadedModel
    from tunesmith.tasks._next_token import NextToken
    from tunesmith.train.contract import LossFunction

MEMBER = Task(
    name="causal-lm",
    help="Teaches a language model to go on: from plain text, from prompts with responses, or from conversations.",
    when="The answer is text of its own making. For a choice among few answers classification is cheaper and surer.",
    columns={
        "text": Column(
            help="A document; every token of it is learnt.",
            required=False,
            guesses=("text", "content", "document", "body", "docstring"),
        ),
        "prompt": Column(
            help="What the model is asked; not learnt.",
            required=False,
            guesses=("prompt", "instruction", "question", "input"),
        ),
        "response": Column(
            help="What it is to answer; learnt.",
            required=False,
            guesses=("response", "completion", "answer", "output"),
        ),
        "messages": Column(
            help="A conversation, a list of {role, content}; what the assistant says is learnt.",
            holds="messages",
            required=False,
            guesses=("messages", "conversations", "conversation", "chat"),
        ),
    },
    options={
        "window": Integer(
            None,
            at_least=8,
            unit="tokens",
            help="The longest text seen at once, and the length that short documents are packed to; none means 512, "
            "or the model's window if that is shorter.",
            advice="Long enough for nearly all documents: memory grows with it.",
        ),
        "overlong": OneOf(
            "auto",
            values=("auto", "split", "cut"),
            help="Documents longer than the window are split or cut; auto splits plain text and cuts answers.",
            advice="Leave it at auto: an answer without its prompt teaches nothing.",
        ),
        "template": OneOf(
            "auto",
            values=("auto", "plain"),
            help="How conversations become text: by the tokenizer's own chat template, or by a plain one.",
            advice="Leave it at auto for chat models; they expect their own template.",
        ),
    },
    targets=("token",),
    metrics=("loss", "perplexity", "bits_per_token"),
    default_metric="loss",
    models=("transformers", "scratch", "python"),
    lengths_vary=True,
)

DEFAULT_WINDOW = 512
END_TOKENS = ("<|endoftext|>", "</s>", "<|end|>", "<eos>", "[SEP]")
"""Looked for where the model's configuration names no end-of-text token."""


def facts(job: Job, rows: Rows) -> Facts:
    """Which columns make a document."""
    given, present = set(job.data.columns), set(rows.columns)
    forms = {"messages": {"messages"}, "prompt": {"prompt", "response"}, "text": {"text"}}
    order = sorted(forms, key=lambda form: not (forms[form] & given))  # columns that the job names come before guesses
    for form in order:
        if forms[form] <= present:
            return Facts(values={"target": "token", "form": form})
    raise TunesmithError(
        "data.no-input",
        "there is nothing to learn from: no text, no prompt with response, no messages",
        found=", ".join(sorted(present)),
        hint="add `text: COLUMN`, or `prompt: COLUMN` and `response: COLUMN`, or `messages: COLUMN` under `data:`",
    )


def inspect(job: Job, rows: Rows, facts: Facts, tokenizer: Tokenizer | None) -> list[Problem]:
    """Empty documents, conversations that are none, rows without a trainable token, and texts beyond the window."""
    form = facts.values["form"]
    bad = faults(job, rows, facts)
    problems = findings(
        "data.bad-document",
        "this row is no document to learn from",
        [row for row, _ in bad],
        rows,
        told=[told for _, told in bad],
        hint="mend the row, or remove it",
    )
    if tokenizer is None or bad:
        return problems
    from tunesmith.tasks._documents import encode_documents
    from tunesmith.tasks._texts import too_long

    window = job.data.options.get("window") or DEFAULT_WINDOW
    documents = [_pieces(form, rows, row, None, "") for row in range(len(rows))]
    whole = encode_documents(tokenizer, documents, begin=None, end=None, window=window, split=True, alone=True)
    lengths = whole["input_ids"].lengths.tolist()  # type: ignore[union-attr]
    if not _splits(job, facts):
        problems += too_long(rows, lengths, window, longer="data.window")
    cut = encode_documents(tokenizer, documents, begin=None, end=None, window=window, split=False, alone=True)
    idle = [row for row, number in enumerate(cut["targets"]) if not number]  # type: ignore[arg-type]
    if len(idle) == len(rows):
        problems.append(
            Problem(
                code="data.no-trainable-token",
                message="no row has a token to learn within the window",
                place=rows.place(0),
                hint="raise data.window, or shorten the prompts",
            )
        )
    else:
        problems += findings(
            "data.no-trainable-token",
            "this row has no token to learn within the window",
            idle,
            rows,
            severity="warning",
            hint="raise data.window, or shorten the prompt",
        )
    return problems


def faults(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
    """Rows that cannot be used, with a phrase that says why."""
    found = []
    form = facts.values["form"]
    roles = ("prompt", "response") if form == "prompt" else (form,)
    for row in range(len(rows)):
        empty = [role for role in roles if role in rows.columns and is_empty(rows.columns[role][row])]
        if empty:
            found.append((row, f"its {empty[0]} is empty"))
        elif form == "messages":
            try:
                messages_of(rows.columns["messages"][row])
            except ValueError as error:
                found.append((row, f"it {error}"))
    return found


def _splits(job: Job, facts: Facts) -> bool:
    chosen = job.data.options.get("overlong", "auto")
    return bool(chosen == "split" or (chosen == "auto" and facts.values["form"] == "text"))


def _pieces(form: str, rows: Rows, row: int, template: Template | None, end: str) -> list[Piece]:
    """One document as text, with what of it is learnt."""
    if form == "text":
        return [(text_of(rows.columns["text"][row]), True)]
    if form == "prompt":
        prompt = text_of(rows.columns["prompt"][row])
        answers = rows.columns.get("response")
        return [(_prompt(prompt), False), *([(text_of(answers[row]), True)] if answers is not None else [])]
    try:
        messages = messages_of(rows.columns["messages"][row])
    except ValueError as error:
        raise TunesmithError("data.bad-document", f"this row {error}", place=rows.place(row)) from error
    return template.pieces(messages) if template else plain_pieces(messages, end)


def _prompt(text: str) -> str:
    return text if text[-1:].isspace() else text + "\n"


def build(job: Job, facts: Facts) -> CausalLm:
    """The task at work."""
    from tunesmith.tasks._next_token import NextToken

    return CausalLm(
        form=facts.values["form"],
        window=job.data.options.get("window"),
        split=_splits(job, facts),
        plain=job.data.options.get("template", "auto") == "plain",
        next_token=NextToken(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalLm:
    """Packed batches of documents; loss and figures by token."""

    form: str
    window: int | None
    split: bool
    plain: bool
    next_token: NextToken

    def head(self) -> Head:
        from tunesmith.models.contract import Head

        return Head(kind="causal-lm", outputs=0)

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        from tunesmith.tasks._documents import encode_documents
        from tunesmith.tasks._texts import tokenizer_of

        tokenizer = tokenizer_of(model)
        begin, end = _ends(model)
        template = self._template(model)
        end_text = tokenizer.id_to_token(end) or "" if end is not None else ""
        documents = [_pieces(self.form, rows, row, template, end_text) for row in range(len(rows))]
        return encode_documents(
            tokenizer,
            documents,
            begin=begin,
            end=None if self.form == "messages" else end,
            window=self._window(model),
            split=self.split,
            alone=not _packs(model),
        )

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks._texts import fingerprint, tokenizer_of

        return {
            "tokenizer": fingerprint(tokenizer_of(model)),
            "form": self.form,
            "window": self._window(model),
            "split": self.split,
            "alone": not _packs(model),
            "ends": list(_ends(model)),
            "template": None if self.plain or self.form != "messages" else chat_template(model.tokenizer_folder),
        }

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        """None where documents are packed: there is no padding to save, and a random order learns best."""
        alone = len(features["alone"]) > 0 and bool(features["alone"][0])
        return features["input_ids"].lengths if alone else None  # type: ignore[union-attr]

    def weights(self, features: Features, class_weights: Sequence[float] | None) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(features["targets"], np.float64)

    def collate(self, features: Features, rows: NDArray[np.int64]) -> Batch:
        from tunesmith.tasks._documents import pack_batch

        return pack_batch(features, rows)

    def example(self, model: LoadedModel) -> Batch:
        import torch

        from tunesmith.tasks._texts import example_texts

        batch = example_texts()
        tokens = batch["input_ids"].numel()
        places, targets = torch.arange(tokens), torch.zeros(tokens, dtype=torch.int64)
        return {
            **batch,
            "positions": places,
            "target": targets,
            "document": targets // 8,
            "counts": torch.full((2,), 8.0),
        }

    def loss_sum(
        self, model: LoadedModel, batch: Batch, loss: LossFunction, class_weights: torch.Tensor | None
    ) -> torch.Tensor:
        return self.next_token.loss_sum(model, batch, loss)

    def outputs(self, model: LoadedModel, batch: Batch) -> torch.Tensor:
        import torch
        from torch.nn.functional import cross_entropy

        nats = cross_entropy(self.next_token.logits(model, batch), batch["target"], reduction="none")
        counts = batch["counts"]
        return torch.stack([torch.zeros_like(counts).index_add_(0, batch["document"], nats), counts], dim=1)

    def metrics(self, outputs: NDArray[np.float32], features: Features) -> dict[str, float]:
        from tunesmith.scores.language import language_scores

        return language_scores(outputs).metrics()

    def row_losses(self, outputs: NDArray[np.float32], features: Features) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(outputs[:, 0] / np.maximum(outputs[:, 1], 1), np.float64)

    def decode(self, outputs: NDArray[np.float32]) -> list[dict[str, Any]]:
        import math

        answers = []
        for nats, tokens in outputs.tolist():
            loss = nats / tokens if tokens else math.nan
            answers.append({"loss": loss, "perplexity": math.exp(min(loss, 700)), "tokens": int(tokens)})
        return answers

    def generate(
        self, model: LoadedModel, rows: Rows, *, max_new_tokens: int = 128, temperature: float = 0.0, seed: int = 0
    ) -> list[str]:
        """What the model writes after each row's text, prompt or messages; a temperature of 0 takes the likeliest."""
        import torch

        from tunesmith.tasks._texts import tokenizer_of

        tokenizer = tokenizer_of(model)
        begin, end = _ends(model)
        config = getattr(model.pretrained, "config", None)
        padding = getattr(config, "pad_token_id", None)
        answers = []
        model.module.eval()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            for row in range(len(rows)):
                ids = tokenizer.encode(self._question(rows, row, model), add_special_tokens=False).ids
                if begin is not None and ids[:1] != [begin]:
                    ids = [begin, *ids]
                ids = ids or [end or 0]
                found = model.pretrained.generate(
                    torch.tensor([ids], device=model.pretrained.device),
                    max_new_tokens=max_new_tokens,
                    do_sample=temperature > 0,
                    **({"temperature": temperature} if temperature > 0 else {}),
                    eos_token_id=end,
                    pad_token_id=padding if padding is not None else end,
                    use_cache=True,
                )
                answers.append(tokenizer.decode(found[0, len(ids) :].tolist()))
        return answers

    def _question(self, rows: Rows, row: int, model: LoadedModel) -> str:
        if self.form != "messages":
            text = text_of(rows.columns[self.form][row])
            return _prompt(text) if self.form == "prompt" else text
        messages = messages_of(rows.columns["messages"][row])
        template = self._template(model)
        if template:
            return template.render(messages, prompt=True)
        end = _ends(model)[1]
        return plain_prompt(
            messages, (model.tokenizer.id_to_token(end) or "") if model.tokenizer and end is not None else ""
        )

    def _template(self, model: LoadedModel) -> Template | None:
        if self.form != "messages" or self.plain:
            return None
        source = chat_template(model.tokenizer_folder)
        return Template(source, special_texts(model.tokenizer_folder)) if source else None

    def _window(self, model: LoadedModel) -> int:
        limits = [self.window or DEFAULT_WINDOW, model.window, _sliding(model)]
        return min(limit for limit in limits if limit)


def _ends(model: LoadedModel) -> tuple[int | None, int | None]:
    """The tokens that begin and end a text: from the configuration, the first only where the tokenizer puts it too."""
    config = getattr(model.pretrained, "config", None)
    begin, end = getattr(config, "bos_token_id", None), getattr(config, "eos_token_id", None)
    end = end[0] if isinstance(end, list) else end
    tokenizer = model.tokenizer
    if tokenizer is None:
        return None, end
    if end is None:
        known = (tokenizer.token_to_id(text) for text in END_TOKENS)
        end = next((token for token in known if token is not None), None)
    return begin if begin is not None and tokenizer.encode("").ids[:1] == [begin] else None, end


def _sliding(model: LoadedModel) -> int | None:
    """How far back layers with sliding attention look: our masks know whole documents, so none may be longer."""
    config = getattr(model.pretrained, "config", None)
    reach = getattr(config, "sliding_window", None)
    kinds = getattr(config, "layer_types", None)
    uses = kinds is None or any("sliding" in str(kind) for kind in kinds)
    return reach if isinstance(reach, int) and reach > 0 and uses else None


def _packs(model: LoadedModel) -> bool:
    """Whether document masks are obeyed: by attention, not by recurrent layers, whose state runs on."""
    pretrained = model.pretrained
    if model.kind == "module" or pretrained is None or getattr(pretrained, "_is_stateful", False):
        return False
    kinds = getattr(pretrained.config, "layer_types", None) or ()
    masks = all("attention" in str(kind) for kind in kinds) and not getattr(pretrained.config, "alibi", False)
    return masks and bool(getattr(pretrained, "_supports_sdpa", False))
