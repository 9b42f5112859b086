"""The next token: plain text, prompts with responses, or conversations."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from tunesmith.contracts.task import Batch, Facts, Outputs
from tunesmith.data.rows import Rows
from tunesmith.data.values import is_empty
from tunesmith.errors import InvalidJob, Place, Problem, TunesmithError
from tunesmith.job.job import Job
from tunesmith.members import Column, Task
from tunesmith.options import Integer, OneOf
from tunesmith.scores.metrics import OF_TOKENS
from tunesmith.tasks.parts.findings import counted, findings
from tunesmith.tasks.parts.messages import conversation_of
from tunesmith.tasks.parts.token_losses import TokenLosses, nats_by_row

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from tunesmith.contracts.loss import LossFunction
    from tunesmith.contracts.model import Head, LoadedModel, TextFormat
    from tunesmith.data.features import Features, Ragged
    from tunesmith.judged import Judged
    from tunesmith.randomness import Draws
    from tunesmith.tasks.parts.chat import Chat
    from tunesmith.tasks.parts.next_token import NextToken

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
        "input": Column(
            help="What the prompt speaks of, as in Alpaca's files; it is written below the prompt, and may be empty.",
            required=False,
            guesses=("input", "context"),
        ),
        "response": Column(
            answer=True,
            continues=True,
            help="What it is to answer; learnt.",
            required=False,
            guesses=("response", "completion", "answer", "output"),
        ),
        "messages": Column(
            help="A conversation, a list of {role, content} or {from, value}; what the assistant says is learnt, but "
            "messages of weight 0 are not.",
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
    metrics=OF_TOKENS,
    default_metric="loss",
    models=("transformers", "scratch", "python"),
    lengths_vary=True,
    multilingual=("Qwen/Qwen3-0.6B-Base", "google/gemma-3-270m"),
    aliases_elsewhere={
        "text-generation": "",
        "language-modeling": "",
        "chat": "with `messages`",
        "instruction-tuning": "with `prompt` and `response`",
        "sft": "with `prompt` and `response`, or `messages`",
    },
    stands_in_for={
        "masked-lm": "take causal-lm, which learns from plain text too",
        "fill-mask": "take causal-lm, which learns from plain text too",
        "reinforcement-learning": "no task learns from rewards; causal-lm learns from good answers",
        "rlhf": "no task learns from rewards; causal-lm learns from good answers",
        "dpo": "no task learns from preferences; causal-lm learns from good answers (`response: chosen`)",
    },
)

DEFAULT_WINDOW = 512
END_TOKENS = ("<|endoftext|>", "</s>", "<|end|>", "<eos>", "[SEP]")
"""Looked for where the model's configuration names no end-of-text token."""


def suits(columns: Mapping[str, str], reader: str) -> int:
    """Conversations, prompts with answers, or nothing but text."""
    names = {name.lower() for name in columns}
    is_dialogue = bool({"messages", "prompt", "response", "completion"} & names)
    return 80 if is_dialogue or list(columns.values()) == ["text"] else 0


def facts(job: Job, rows: Rows) -> Facts:
    """Which columns make a document."""
    given, present = set(job.data.columns), set(rows.columns)
    forms = {"messages": {"messages"}, "prompt": {"prompt", "response"}, "text": {"text"}}
    order = sorted(forms, key=lambda form: not (forms[form] & given))  # columns that the job names come before guesses
    for form in order:
        if forms[form] <= present:
            values: dict[str, Any] = {"target": "token", "form": form}
            if form == "messages":
                values["now"] = datetime.now().isoformat(timespec="seconds")
            return Facts(values=values)
    raise TunesmithError(
        "data.no-input",
        "there is nothing to learn from: no text, no prompt with response, no messages",
        found=", ".join(sorted(present)),
        hint="add `text: COLUMN`, or `prompt: COLUMN` and `response: COLUMN`, or `messages: COLUMN` under `data:`; "
        "of preference pairs (chosen, rejected) only the good answer can be learnt: `response: chosen`",
    )


def texts(rows: Rows) -> Iterator[str]:
    """Every text in the training rows: what a tokenizer is made from, where the model brings none."""
    from tunesmith.tasks.parts.rows_as_text import texts_in

    return texts_in(rows)


def check_rows(job: Job, rows: Rows, facts: Facts, reads: TextFormat | None) -> list[Problem]:
    """Empty documents, conversations that are none or that the template refuses, rows without a trainable token, texts
    beyond the window, and tokens that the model cannot read."""
    bad = unusable_rows(job, rows, facts)
    problems = findings(
        "data.bad-document",
        "this row is no document to learn from",
        bad,
        rows,
        hint="mend the row, or remove it",
    )
    from tunesmith.tasks.parts.texts import beyond_window

    task = build(job, facts)
    problems += beyond_window(task.window, reads, key="data.window")
    if bad:
        return problems
    unanswered = _unanswered(task, rows)
    unlearnt = findings(
        "data.no-trainable-token",
        "this conversation has no answer of the assistant to learn",
        unanswered,
        rows,
        severity="warning",
        hint="end it with a message of the assistant (one of `weight: 0` does not count), or remove it",
    )
    if reads is None or reads.tokenizer is None:
        return problems + ([nothing_to_learn(rows.place(0))] if len(unanswered) == len(rows) else unlearnt)
    try:
        found, idle = _check_tokens(task, rows, reads)
    except InvalidJob as refused:
        return problems + counted(refused.problems)
    problems += _thinking(task, reads) + found
    if len(idle) == len(rows):
        return [*problems, nothing_to_learn(rows.place(0))]
    cut = sorted(set(idle).difference(unanswered))
    hint = "raise data.window, or shorten the prompt"
    message = "this row has no token to learn within the window"
    return problems + unlearnt + findings("data.no-trainable-token", message, cut, rows, severity="warning", hint=hint)


def _unanswered(task: CausalLm, rows: Rows) -> array[int]:
    """Conversations in which the assistant says nothing that is to be learnt."""
    from tunesmith.tasks.parts.rows_as_text import conversations_of

    found = array("i")
    if task.form != "messages":
        return found
    for begin, part in rows.parts():
        found.extend(
            row
            for row, conversation in enumerate(conversations_of(part), start=begin)
            if not any(
                message["role"] == "assistant" and number not in conversation.masked
                for number, message in enumerate(conversation.messages)
            )
        )
    return found


def _check_tokens(task: CausalLm, rows: Rows, reads: TextFormat) -> tuple[list[Problem], array[int]]:
    """Findings about the rows' tokens, and the rows none of which is learnt.

    Raises InvalidJob with what the template says against conversations.
    """
    import numpy as np

    from tunesmith.data.features import Ragged
    from tunesmith.tasks.parts.rows_as_text import text_of_row
    from tunesmith.tasks.parts.texts import Lengths
    from tunesmith.tasks.parts.tokens import SeenTokens

    window = task.window_for(reads)
    lengths, seen = Lengths(window), SeenTokens(reads)
    idle = array("i")
    refused: list[Problem] = []
    for begin, part in rows.parts():
        documents = task.documents(part, reads)
        refused += [found.problem for found in documents if isinstance(found, TunesmithError)]
        if refused:
            continue
        whole = task.tokens(documents, reads, window=window, split=True)
        tokens, learnt = whole["input_ids"], whole.get("learnt")
        assert isinstance(tokens, Ragged)
        ids = [tokens[row].tolist() for row in range(len(part))]
        lengths.add(ids)
        seen.add(ids, [text_of_row(task.form, part, row) for row in range(len(part))])
        if not task.split and isinstance(learnt, Ragged):
            idle.extend(begin + row for row in range(len(part)) if not learnt[row][:window].any())
        else:
            idle.extend((begin + np.flatnonzero(np.asarray(whole["targets"]) == 0)).tolist())
    if refused:
        raise InvalidJob(refused)
    problems = []
    if not task.split:
        problems = [*lengths.too_long(rows, reads, longer="data.window"), *lengths.equal_after_cut(rows)]
    return problems + seen.problems(rows, known=MEMBER.multilingual), idle


def nothing_to_learn(place: Place) -> Problem:
    """The error for data of which not one token is learnt."""
    return Problem(
        code="data.no-trainable-token",
        message="no row has a token to learn within the window",
        place=place,
        hint="raise data.window, shorten the prompts, or look whether the conversations have answers to learn",
    )


def _thinking(task: CausalLm, reads: TextFormat) -> list[Problem]:
    """Whether the template opens an answer in another way than it writes the answers that are learnt."""
    opens = task.opens(reads)
    if not opens.strip():
        return []
    return [
        Problem(
            code="model.template-opens-thinking",
            message="the chat template begins an answer with a text that your answers do not have before them: "
            "predict leaves it out, other programs write it",
            place=Place(key="model"),
            found=repr(opens),
            hint="put the reasoning into the answers, or change the template of the exported model",
            severity="warning",
        )
    ]


def unusable_rows(job: Job, rows: Rows, facts: Facts) -> list[tuple[int, str]]:
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
                conversation_of(rows.columns["messages"][row])
            except ValueError as error:
                found.append((row, f"it {error}"))
    return found


def _splits(job: Job, facts: Facts) -> bool:
    chosen = job.data.options.get("overlong", "auto")
    return bool(chosen == "split" or (chosen == "auto" and facts.values["form"] == "text"))


def build(job: Job, facts: Facts) -> CausalLm:
    """The task at work."""
    from tunesmith.tasks.parts.next_token import NextToken

    return CausalLm(
        form=facts.values["form"],
        window=job.data.options.get("window"),
        split=_splits(job, facts),
        plain=job.data.options.get("template", "auto") == "plain",
        now=facts.values.get("now"),
        next_token=NextToken(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalLm(TokenLosses):
    """Packed batches of documents; loss and figures by token. `now`: the time that a template may tell the model."""

    form: str
    window: int | None
    split: bool
    plain: bool
    now: str | None
    next_token: NextToken

    generates: ClassVar[bool] = True

    def head(self) -> Head:
        from tunesmith.contracts.model import Head

        return Head(
            auto="AutoModelForCausalLM",
            reads="text",
            outputs=0,
            is_new=False,
            adapters="CAUSAL_LM",
            pipeline="text-generation",
        )

    def inputs(self, *, judged: bool = False) -> Mapping[str, bool]:
        if self.form != "prompt":
            return {self.form: True}
        return {"prompt": True, "input": False, **({"response": True} if judged else {})}

    def made_up(self, model: LoadedModel, count: int, rng: np.random.Generator, folder: Path) -> Rows:
        from tunesmith.tasks.parts.made_up import made_up_rows, made_up_texts

        texts = made_up_texts(model, count, rng)
        if self.form == "messages":
            return made_up_rows({"messages": [[{"role": "user", "content": text}] for text in texts]})
        return made_up_rows({self.form: texts})

    def generation(self, model: LoadedModel) -> Any:
        """Texts end where an answer as those that were learnt ends, not only where a text does."""
        from copy import deepcopy

        from tunesmith.tasks.parts.texts import reads_of

        ends = self.turn_ends(reads_of(model))
        own = deepcopy(getattr(model.pretrained, "generation_config", None))
        if ends and own is not None:
            own.eos_token_id = ends[0] if len(ends) == 1 else list(ends)
        return own

    def encode(self, rows: Rows, model: LoadedModel) -> Features:
        from tunesmith.tasks.parts.texts import reads_of
        from tunesmith.tasks.parts.tokens import refuse_unknown_ids

        reads = reads_of(model)
        documents = self.documents(rows, reads)
        for found in documents:
            if isinstance(found, TunesmithError):
                raise found
        features = self.tokens(
            documents, reads, window=self.window_for(reads), split=self.split, alone=not _packs(model)
        )
        refuse_unknown_ids(reads, int(features["input_ids"].values.max(initial=0)))  # type: ignore[union-attr]
        return features

    def documents(self, rows: Rows, reads: TextFormat) -> Sequence[Any]:
        """Every row as `encode_documents` takes it; in place of a conversation, what the template says against it."""
        from tunesmith.tasks.parts.rows_as_text import conversations_of, pieces_of

        if self.form != "messages":
            return [pieces_of(self.form, rows, row) for row in range(len(rows))]
        return self._chat(reads, now=self.now).documents(conversations_of(rows), rows.place)

    def tokens(
        self, documents: Sequence[Any], reads: TextFormat, *, window: int, split: bool, alone: bool = True
    ) -> Features:
        """Documents as token ids."""
        from tunesmith.tasks.parts.documents import encode_documents

        assert reads.tokenizer is not None
        begin, end = _ends(reads)
        return encode_documents(
            reads.tokenizer, documents, begin=begin, end=end, window=window, split=split, alone=alone
        )

    def left_out(self, name: str, features: Features) -> Ragged:
        from tunesmith.tasks.parts.documents import learnt_left_out

        return learnt_left_out(features)

    def encoding_key(self, model: LoadedModel) -> Mapping[str, Any]:
        from tunesmith.tasks.parts.texts import fingerprint, reads_of, tokenizer_of

        reads = reads_of(model)
        template = None if self.plain or self.form != "messages" else reads.chat_template
        return {
            "tokenizer": fingerprint(tokenizer_of(model)),
            "form": self.form,
            "window": self.window_for(reads),
            "split": self.split,
            "alone": not _packs(model),
            "ends": list(_ends(reads)),
            "template": template,
            "special_tokens": dict(reads.special_tokens) if template else None,
            "now": self.now if template and "strftime_now" in template else None,
        }

    def lengths(self, features: Features) -> NDArray[np.int64] | None:
        """None where documents are packed: there is no padding to save, and a random order learns best."""
        alone = len(features["alone"]) > 0 and bool(features["alone"][0])
        return features["input_ids"].lengths if alone else None  # type: ignore[union-attr]

    def collate(self, features: Features, rows: NDArray[np.int64], draws: Draws | None = None) -> Batch:
        from tunesmith.tasks.parts.documents import pack_batch

        return pack_batch(features, rows)

    def example(self, model: LoadedModel) -> Batch:
        import torch

        from tunesmith.tasks.parts.texts import example_texts

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
        return nats_by_row(self.next_token.logits(model, batch), batch["target"], batch["document"], batch["counts"])

    def judge(
        self, outputs: Outputs, features: Features, rows: Rows | None, answers: Sequence[Any] | None = None
    ) -> Judged:
        import numpy as np

        from tunesmith.tasks.parts.judge_token import judge_token

        return judge_token(np.asarray(outputs, np.float64))

    def generate(
        self,
        model: LoadedModel,
        rows: Rows,
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        seed: int = 0,
        first: int = 0,
    ) -> list[str]:
        """What the model writes after each row's text, prompt or messages; none means 128 tokens."""
        from tunesmith.tasks.parts.generation import write
        from tunesmith.tasks.parts.rows_as_text import conversations_of, pieces_of
        from tunesmith.tasks.parts.texts import reads_of

        reads = reads_of(model)
        begin, _ = _ends(reads)
        if self.form == "messages":
            chat = self._chat(reads)
            begin = None if reads.chat_template and not self.plain else begin
            asked = [conversation.messages for conversation in conversations_of(rows)]
            prompts = [(chat.prompt(messages), self.turn_ends(reads, messages)) for messages in asked]
        else:
            ends = self.turn_ends(reads)
            prompts = [(pieces_of(self.form, rows, row)[0][0], ends) for row in range(len(rows))]
        return write(
            model,
            prompts,
            begin=begin,
            max_new_tokens=128 if max_new_tokens is None else max_new_tokens,
            temperature=temperature,
            seed=seed,
            first=first,
        )

    def turn_ends(self, reads: TextFormat, messages: Sequence[Mapping[str, Any]] = ()) -> tuple[int, ...]:
        """The tokens that end an answer to `messages`: the chat template's own, then those that end a text."""
        own = self._chat(reads).ends(messages) if self.form == "messages" else ()
        _, end = _ends(reads)
        return tuple(token for token in dict.fromkeys((*own, end, *reads.ends)) if token is not None)

    def opens(self, reads: TextFormat) -> str:
        """What the chat template writes to ask for an answer and did not write before those that were learnt."""
        return self._chat(reads).opens() if self.form == "messages" else ""

    def _chat(self, reads: TextFormat, now: str | None = None) -> Chat:
        from tunesmith.tasks.parts.chat import chat_of

        return chat_of(reads, end=_ends(reads)[1], plain=self.plain, now=now)

    def window_for(self, reads: TextFormat) -> int:
        """The most tokens seen at once: the job's wish, within what the model's positions and attention allow."""
        limits = [self.window or DEFAULT_WINDOW, reads.window, reads.reach]
        return min(limit for limit in limits if limit)


def _ends(reads: TextFormat) -> tuple[int | None, int | None]:
    """The tokens that begin and end a text: from the configuration, the first only where the tokenizer puts it too."""
    tokenizer = reads.tokenizer
    begin, end = reads.begin, next(iter(reads.ends), None)
    if tokenizer is None:
        return None, end
    if end is None:
        known = (tokenizer.token_to_id(text) for text in END_TOKENS)
        end = next((token for token in known if token is not None), None)
    return begin if begin is not None and tokenizer.encode("").ids[:1] == [begin] else None, end


def _packs(model: LoadedModel) -> bool:
    """Whether document masks are obeyed: by attention, not by recurrent layers, whose state runs on."""
    pretrained = model.pretrained
    if model.kind == "module" or pretrained is None or getattr(pretrained, "_is_stateful", False):
        return False
    kinds = getattr(pretrained.config, "layer_types", None) or ()
    masks = all("attention" in str(kind) for kind in kinds) and not getattr(pretrained.config, "alibi", False)
    return masks and bool(getattr(pretrained, "_supports_sdpa", False))
