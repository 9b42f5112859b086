"""Conversations become the ids that transformers' `apply_chat_template` gives, and the answers in them are learnt."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import torch

from task_parts import job, rows
from tokenizer_folders import CHATML, FAST, byte_level, json_folder, metaspace_bpe, unigram
from tunesmith.contracts.model import LoadedModel, TextFormat
from tunesmith.data.features import Ragged
from tunesmith.errors import TunesmithError
from tunesmith.models.parts.tokenizers import text_format
from tunesmith.tasks import causal_lm
from tunesmith.tasks.parts.messages import conversation_of

PROMPT = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
TURN = "{{ '<|im_start|>' + m.role + '\n' + (m.content or '') + '<|im_end|>' + '\n' }}"
TEMPLATES = {
    "chatml": "{% for m in messages %}" + TURN + "{% endfor %}" + PROMPT,
    "end-of-text": "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}"
    "{{ '[INST] ' + m.content + ' [/INST]' }}{% else %}{{ ' ' + m.content + ' ' + eos_token }}{% endif %}{% endfor %}",
    "spaces": "{%- for m in messages %}\n    {{- m.role | upper }}: {{ m.content | trim }}{{ eos_token }}\n{% endfor %}"
    "{%- if add_generation_prompt %}ASSISTANT: {% endif %}",
    "marked": "{% for m in messages %}{% if m.role == 'assistant' %}{{ '<|im_start|>assistant\n' }}{% generation %}"
    "{{ m.content + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}{% else %}" + TURN + "{% endif %}{% endfor %}" + PROMPT,
    "last-only": "{% set ns = namespace(last=0) %}{% for m in messages %}{% if m.role == 'user' %}"
    "{% set ns.last = loop.index0 %}{% endif %}{% endfor %}{% for m in messages %}{% if m.role == 'assistant' and "
    "loop.index0 > ns.last %}{{ '<|im_start|>assistant\n<think>\n\n</think>\n\n' + m.content + '<|im_end|>\n' }}"
    "{% else %}" + TURN + "{% endif %}{% endfor %}" + PROMPT,
    "breaks": "{% for m in messages %}{% if loop.index > 3 %}{% break %}{% endif %}" + TURN + "{% endfor %}" + PROMPT,
    "tools": "{% if tools is none %}{{ 'no tools\n' }}{% endif %}{% for m in messages %}"
    + TURN
    + "{% if m.tool_calls %}"
    "{{ m.tool_calls | tojson(ensure_ascii=False, indent=2) }}{{ m.tool_calls | tojson(sort_keys=true) }}{% endif %}"
    "{% endfor %}" + PROMPT,
    "dict": "{% set d = dict(a='x') %}{% for m in messages %}{{ d.a }}" + TURN + "{% endfor %}" + PROMPT,
    "thinking": "{% for m in messages %}{% if m.reasoning_content %}{{ '<think>' + m.reasoning_content + '</think>' }}"
    "{% endif %}" + TURN + "{% endfor %}" + PROMPT,
}
CHATS: list[list[dict[str, Any]]] = [
    [{"role": "user", "content": "What is the colour of the sky?"}, {"role": "assistant", "content": "It is blue."}],
    [
        {"role": "user", "content": "déjà vu 😀\n\n"},
        {"role": "assistant", "content": "\n 今天天气很好 <|im_end|> typed"},
        {"role": "user", "content": "  and "},
        {"role": "assistant", "content": "two  spaces ", "reasoning": "because"},
    ],
    [
        {"role": "user", "content": "call", "name": None},
        {
            "role": "assistant",
            "content": "I call",
            "tool_calls": [{"type": "function", "function": {"name": "wetter", "arguments": {"ort": "Köln", "n": 1}}}],
        },
    ],
]
KINDS = {
    "byte-level": json_folder(byte_level(CHATML), "llama", tokenizer_class=FAST, eos_token="<|endoftext|>",
                              bos_token="<|endoftext|>"),
    "llama": json_folder(metaspace_bpe(["<unk>", "<s>", "</s>", *CHATML]), "llama", tokenizer_class="LlamaTokenizer"),
    "unigram": json_folder(unigram(["<unk>", "<s>", "</s>", *CHATML]), "llama", tokenizer_class=FAST, unk_token="<unk>",
                           bos_token="<s>", eos_token="</s>"),
}  # fmt: skip


@pytest.fixture(scope="session")
def chat_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("chats")
    for name, make in KINDS.items():
        (base / name).mkdir()
        make(base / name)
    return {name: base / name for name in KINDS}


def reads(folder: Path, template: str | None) -> TextFormat:
    """How a model in a copy of `folder` with this template reads text."""
    from dataclasses import replace

    found = text_format(folder)
    assert found is not None
    return replace(found, chat_template=template)


def encoded(chats: list[Any], how: TextFormat, **options: Any) -> tuple[list[list[int]], list[list[int]]]:
    """The ids of each conversation and what of them is learnt, as a run has them."""
    started = job("causal-lm", window=4096, **options)
    data = rows(messages=chats)
    task = causal_lm.build(started, causal_lm.facts(started, data))
    found = task.tokens(task.documents(data, how), how, window=4096, split=False)
    ids, learnt = found["input_ids"], found["learnt"]
    assert isinstance(ids, Ragged)
    assert isinstance(learnt, Ragged)
    return [ids[row].tolist() for row in range(len(chats))], [learnt[row].tolist() for row in range(len(chats))]


def learnt_text(how: TextFormat, ids: list[int], learnt: list[int]) -> str:
    assert how.tokenizer is not None
    kept = [token for token, target in zip(ids, learnt, strict=True) if target]
    return how.tokenizer.decode(kept, skip_special_tokens=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_ids_and_marks_are_those_of_apply_chat_template(name: str, kind: str, chat_folders: dict[str, Path]) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(chat_folders[kind])
    template = TEMPLATES[name]
    ids, learnt = encoded(CHATS, reads(chat_folders[kind], template))
    for row, chat in enumerate(CHATS):
        expected = theirs.apply_chat_template(
            chat, chat_template=template, return_dict=True, return_assistant_tokens_mask="generation" in template
        )
        assert ids[row] == expected["input_ids"]
        if "generation %}" in template:
            assert learnt[row] == expected["assistant_masks"]
        assert any(learnt[row])


def test_the_answers_are_learnt_up_to_the_token_that_ends_them(chat_folders: dict[str, Path]) -> None:
    how = reads(chat_folders["byte-level"], TEMPLATES["chatml"])
    ids, learnt = encoded(CHATS, how)
    assert learnt_text(how, ids[0], learnt[0]) == "It is blue.<|im_end|>"
    assert learnt_text(how, ids[1], learnt[1]) == (
        "\n\n 今天天气很好 <|im_end|> typed<|im_end|>"
        + "two  spaces <|im_end|>"  # one token ends the prompt and begins it
    )
    how = reads(chat_folders["llama"], TEMPLATES["end-of-text"])
    ids, learnt = encoded(CHATS[:1], how)
    assert learnt_text(how, ids[0], learnt[0]).strip() == "It is blue. </s>"


def test_an_answer_whose_turn_no_token_ends_gets_the_end_of_text(chat_folders: dict[str, Path]) -> None:
    from dataclasses import replace

    how = reads(
        chat_folders["byte-level"],
        "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}",
    )
    how = replace(how, ends=(0,))
    ids, learnt = encoded(CHATS[:1], how)
    assert learnt_text(how, ids[0], learnt[0]) == " It is blue.\n<|endoftext|>"
    assert ids[0][-1] == 0


def test_an_answer_ends_where_those_that_were_learnt_do_also_where_only_the_tokenizer_names_that_token() -> None:
    how = TextFormat(tokenizer=byte_level(CHATML))
    started, data = job("causal-lm"), rows(text=["one", "two"])
    task = causal_lm.build(started, causal_lm.facts(started, data))
    features = task.tokens(task.documents(data, how), how, window=8, split=False)
    assert isinstance(features["input_ids"], Ragged)
    assert task.turn_ends(how) == (features["input_ids"][0].tolist()[-1],) == (0,)


def test_a_template_that_opens_thinking_has_its_answers_learnt_and_asks_for_them_alike(
    chat_folders: dict[str, Path],
) -> None:
    template = TEMPLATES["chatml"].replace("assistant\n", "assistant\n<think>\n")
    how = reads(chat_folders["byte-level"], template)
    ids, learnt = encoded(CHATS[:2], how)
    assert [learnt_text(how, *pair) for pair in zip(ids, learnt, strict=True)] == [
        "It is blue.<|im_end|>",
        "\n\n 今天天气很好 <|im_end|> typed<|im_end|>two  spaces <|im_end|>",
    ]
    started, data = job("causal-lm"), rows(messages=CHATS[:2])
    facts = causal_lm.facts(started, data)
    chat = causal_lm.build(started, facts)._chat(how)
    assert chat.prompt(CHATS[0][:1]).endswith("<|im_start|>assistant\n")
    told = [(problem.code, problem.found) for problem in causal_lm.check_rows(started, data, facts, how)]
    assert ("model.template-opens-thinking", repr("<think>\n")) in told


def test_an_answer_of_weight_0_is_read_and_not_learnt(chat_folders: dict[str, Path]) -> None:
    for key, value in (("weight", 0), ("train", False)):
        chat = [CHATS[1][0], {**CHATS[1][1], key: value}, CHATS[1][2], {**CHATS[1][3], "weight": 1}]
        for template in (TEMPLATES["chatml"], TEMPLATES["marked"], None):
            how = reads(chat_folders["byte-level"], template)
            ids, learnt = encoded([chat], how)
            plain, _ = encoded([CHATS[1]], how)
            assert ids == plain
            assert learnt_text(how, ids[0], learnt[0]) in ("two  spaces <|im_end|>", "two  spaces <|endoftext|>")
    with pytest.raises(ValueError, match=r"weight: 0\.5"):
        conversation_of([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}])


@pytest.mark.parametrize(
    ("cell", "messages"),
    [
        (
            [{"from": "system", "value": "s"}, {"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}],
            [("system", "s"), ("user", "q"), ("assistant", "a")],
        ),
        (json.dumps([{"role": "user", "content": "q"}]), [("user", "q")]),
        ([{"role": "user", "content": "q"}, {"role": "assistant", "content": 0}], [("user", "q"), ("assistant", "0")]),
        ({"messages": [{"role": "user", "content": "q", "tool_calls": None}]}, [("user", "q")]),
    ],
)
def test_conversations_as_others_write_them(cell: Any, messages: list[tuple[str, str]]) -> None:
    found = conversation_of(cell).messages
    assert [(message["role"], message["content"]) for message in found] == messages
    assert all(set(message) == {"role", "content"} for message in found)


@pytest.mark.parametrize(
    ("cell", "phrase"),
    [
        ([{"role": "asistant", "content": "x"}], "the role 'asistant'"),
        ([{"from": "narrator", "value": "x"}], "from 'narrator'"),
        ([{"role": "user"}], "without content"),
        ("not JSON", "neither a list"),
        ([], "not a list of messages"),
        (3, "not a list of messages"),
    ],
)
def test_what_is_no_conversation_says_why(cell: Any, phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        conversation_of(cell)


def test_keys_that_parquet_filled_up_are_left_out(tmp_path: Path, chat_folders: dict[str, Path]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tunesmith.catalog import Catalog
    from tunesmith.data.load import read_rows
    from tunesmith.data.table import open_table

    pq.write_table(pa.table({"messages": CHATS[2:] + CHATS[:1]}), tmp_path / "chats.parquet")
    table = open_table("chats.parquet", tmp_path, Catalog())
    read = read_rows(table, causal_lm.MEMBER, columns={"messages": ("messages",)})
    how = reads(chat_folders["byte-level"], TEMPLATES["tools"])
    assert encoded(list(read.columns["messages"]), how) == encoded(CHATS[2:] + CHATS[:1], how)


def test_the_time_that_a_template_tells_is_that_of_the_run(chat_folders: dict[str, Path]) -> None:
    how = reads(chat_folders["byte-level"], "{{ strftime_now('%d %B %Y') }} " + TEMPLATES["chatml"])
    started, data = job("causal-lm"), rows(messages=CHATS[:1])
    facts = causal_lm.facts(started, data)
    task = causal_lm.build(started, facts)
    today = datetime.fromisoformat(facts.values["now"]).strftime("%d %B %Y")
    assert task.documents(data, how)[0].text.startswith(f"{today} <|im_start|>user")
    kept = type(facts)(values={**facts.values, "now": "2024-02-29T10:00:00"})
    assert causal_lm.build(started, kept).documents(data, how)[0].text.startswith("29 February 2024 ")


def test_prompts_hold_the_input_that_they_speak_of() -> None:
    from tunesmith.tasks.parts.rows_as_text import pieces_of

    data = rows(prompt=["Add.", "Say 0"], input=["1 and 2", ""], response=[3, 0])
    assert pieces_of("prompt", data, 0) == [("Add.\n\n1 and 2\n", False), ("3", True)]
    assert pieces_of("prompt", data, 1) == [("Say 0\n", False), ("0", True)]


def test_check_names_every_row_that_the_template_refuses(chat_folders: dict[str, Path]) -> None:
    template = (
        "{% if messages[0].role != 'user' %}{{ raise_exception('the user begins') }}{% endif %}" + TEMPLATES["chatml"]
    )
    how = reads(chat_folders["byte-level"], template)
    wrong = [{"role": "system", "content": "s"}, *CHATS[0]]
    started, data = job("causal-lm"), rows(messages=[CHATS[0], wrong, CHATS[1], wrong])
    facts = causal_lm.facts(started, data)
    problems = causal_lm.check_rows(started, data, facts, how)
    told = [(problem.code, problem.place.line) for problem in problems]
    assert told == [("model.chat-template-failed", line) for line in (3, 5)]
    assert "the user begins" in problems[0].message
    with pytest.raises(TunesmithError, match=r"rows\.csv:3"):
        causal_lm.build(started, facts).encode(data, LoadedModel(module=torch.nn.Identity(), kind="module", text=how))


def test_conversations_without_an_answer_to_learn_are_an_error_before_training(chat_folders: dict[str, Path]) -> None:
    how = reads(chat_folders["byte-level"], TEMPLATES["chatml"])
    started, data = job("causal-lm"), rows(messages=[chat[:1] for chat in CHATS])
    problems = causal_lm.check_rows(started, data, causal_lm.facts(started, data), how)
    assert [(problem.code, problem.severity) for problem in problems] == [("data.no-trainable-token", "error")]


@pytest.mark.parametrize("reader", ["a model's tokenizer", "a tokenizer that the run makes"])
def test_a_conversation_without_an_answer_is_named_whatever_reads_it(
    reader: str, chat_folders: dict[str, Path]
) -> None:
    how = reads(chat_folders["byte-level"], TEMPLATES["chatml"]) if reader == "a model's tokenizer" else None
    muted = [CHATS[0][0], {**CHATS[0][1], "weight": 0}]
    started, data = job("causal-lm"), rows(messages=[CHATS[0], CHATS[0][:1], CHATS[1], muted])
    problems = causal_lm.check_rows(started, data, causal_lm.facts(started, data), how)
    found = [(each.code, each.severity, each.place.line) for each in problems if "no answer" in each.message]
    assert found == [("data.no-trainable-token", "warning", line) for line in (3, 5)]
    assert len([each for each in problems if each.code == "data.no-trainable-token"]) == 2
    data = rows(messages=[CHATS[0][:1], muted])
    problems = causal_lm.check_rows(started, data, causal_lm.facts(started, data), how)
    assert [(each.code, each.severity) for each in problems] == [("data.no-trainable-token", "error")]


PARTS = [{"type": "text", "text": "What is the "}, {"type": "text", "text": "colour?"}]
IN_PARTS = [{"role": "user", "content": PARTS}, CHATS[0][1]]
TEXTS_ONLY = {
    "joined": TEMPLATES["chatml"],
    "a method of texts": "{% for m in messages %}{{ m.content.strip() }}{% endfor %}",
    "spelt out as Python writes a list": "{% for m in messages %}{{ m.content }}{{ '\n' }}{% endfor %}",
}


@pytest.mark.parametrize("form", TEXTS_ONLY)
def test_contents_in_parts_are_refused_by_row_where_the_template_takes_texts(
    form: str, chat_folders: dict[str, Path]
) -> None:
    how = reads(chat_folders["byte-level"], TEXTS_ONLY[form])
    started, data = job("causal-lm"), rows(messages=[CHATS[0], IN_PARTS])
    facts = causal_lm.facts(started, data)
    [problem] = causal_lm.check_rows(started, data, facts, how)
    assert (problem.code, problem.place.line) == ("model.chat-template-failed", 3)
    told = "takes only texts, and the content of message 1 is a list of parts"
    assert problem.message == f"the model's chat template {told}"
    assert problem.found.startswith("[{'type': 'text', 'text': 'What is the '}")
    assert "write the content as one text" in problem.hint
    assert "template: plain" in problem.hint
    task = causal_lm.build(started, facts)
    model = LoadedModel(module=torch.nn.Identity(), kind="module", text=how)
    with pytest.raises(TunesmithError, match=told):
        task.encode(data, model)
    with pytest.raises(TunesmithError, match=told):
        task._chat(how).prompt(IN_PARTS[:1])
    other = causal_lm.build(job("causal-lm", template="plain"), facts)
    assert "What is the colour?" in other.documents(data, how)[1].text


def test_a_template_that_reads_parts_is_given_them(chat_folders: dict[str, Path]) -> None:
    template = (
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.content is string %}{{ m.content }}"
        "{% else %}{% for part in m.content %}{{ part.text }}{% endfor %}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
    )
    how = reads(chat_folders["byte-level"], template)
    started, data = job("causal-lm"), rows(messages=[IN_PARTS])
    facts = causal_lm.facts(started, data)
    assert causal_lm.check_rows(started, data, facts, how) == []
    assert (
        causal_lm.build(started, facts)
        .documents(data, how)[0]
        .text.startswith("<|im_start|>user\nWhat is the colour?<")
    )
