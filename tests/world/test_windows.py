"""What a model cannot read to its end, or not at all, is said with the right numbers, before a run and after."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from real_workers import ForkServer, new_run
from task_parts import job, rows
from tokenizer_folders import CHATML, FAST, byte_level, config, json_folder, metaspace_bpe
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.cli import main
from tunesmith.contracts.model import LoadedModel, ModelRequest, TextFormat
from tunesmith.data.features import Ragged
from tunesmith.errors import TunesmithError
from tunesmith.models.load import find_text_format, load_model
from tunesmith.models.parts.tokenizers import text_format
from tunesmith.tasks import causal_lm, text_classification
from tunesmith.tasks.parts.generation import write as write_text
from tunesmith.tasks.parts.texts import text_head
from tunesmith.tasks.parts.tokens import check_tokens
from tunesmith.use.export import export
from tunesmith.use.formats import write_tokenizer
from tunesmith.use.generate import generate
from tunesmith.use.load import load_run

CHAT_TEMPLATE = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
COLOURS = {"sky": "It is blue.", "grass": "It is green.", "snow": "It is white.", "coal": "It is black."}


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama whose configuration ends a text with <|endoftext|>, and whose template ends turns otherwise."""
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("chat-model")
    tokenizer = byte_level(CHATML)
    json_folder(tokenizer, "llama", tokenizer_class=FAST, eos_token="<|endoftext|>")(folder)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=tokenizer.get_vocab_size(),
            max_position_embeddings=64,
            bos_token_id=None,
            eos_token_id=0,
            tie_word_embeddings=True,
            **sizes,
        )
    ).save_pretrained(folder)
    settings = json.loads((folder / "generation_config.json").read_text("utf-8"))
    (folder / "generation_config.json").write_text(json.dumps(settings | {"eos_token_id": [0, 1]}), encoding="utf-8")
    return folder


def chat_job(folder: Path, model: Path, *lines: str, answers: dict[str, str] = COLOURS) -> Path:
    with (folder / "chats.jsonl").open("w", encoding="utf-8") as file:
        for _ in range(12):
            for thing, answer in answers.items():
                user = {"role": "user", "content": f"What is the colour of the {thing}?"}
                file.write(json.dumps({"messages": [user, {"role": "assistant", "content": answer}]}) + "\n")
    path = folder / "chat.job.yaml"
    text = ["task: causal-lm", f"model: {json.dumps(str(model))}", "data: {train: chats.jsonl, validation: none}"]
    path.write_text("\n".join([*text, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def chat_run(tmp_path_factory: pytest.TempPathFactory, chat_model: Path, workers: ForkServer) -> Any:
    folder = tmp_path_factory.mktemp("chat-run")
    training = "training: {epochs: 30, batch_size: 24, learning_rate: 4e-3}"
    return workers.finish(new_run(chat_job(folder, chat_model, training, "evaluation: {every: 60 steps}")))


def test_a_tuned_chat_model_stops_where_its_template_ends_a_turn(chat_run: Any) -> None:
    loaded = load_run(chat_run, checkpoint="newest")
    asked = [f"What is the colour of the {thing}?" for thing in COLOURS]
    for answer in generate(loaded, asked):
        assert re.fullmatch(r"It is \w+\.", answer["text"]), answer


def test_an_exported_chat_model_ends_on_every_token_that_ends_a_turn_or_a_text(chat_run: Any, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = export(chat_run, tmp_path / "out", checkpoint="newest")
    assert json.loads((folder / "generation_config.json").read_text("utf-8"))["eos_token_id"] == [2, 0, 1]
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    chat = [{"role": "user", "content": "What is the colour of the grass?"}]
    asked = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt")
    written = model.generate(**asked, max_new_tokens=30, pad_token_id=0)[0, asked["input_ids"].shape[1] :]
    assert re.fullmatch(r"It is \w+\.<\|im_end\|>", tokenizer.decode(written))


def test_writing_stops_where_the_window_is_full(chat_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_run(chat_run, checkpoint="newest")
    assert loaded.model.window == 64
    asked: list[int] = []
    generate_ = loaded.model.pretrained.generate

    def counted(ids: torch.Tensor, **options: Any) -> Any:
        asked.append(ids.shape[1] + options["max_new_tokens"])
        return generate_(ids, **options)

    monkeypatch.setattr(loaded.model.pretrained, "generate", counted)
    for new in (5, 500):
        write_text(loaded.model, [("sky", (2,))], begin=None, max_new_tokens=new, temperature=0, seed=0)
    length = len(loaded.model.tokenizer.encode("sky").ids)  # type: ignore[union-attr]
    assert asked == [length + 5, 64]
    with pytest.raises(TunesmithError, match="prompt-too-long"):
        write_text(loaded.model, [("sky " * 70, ())], begin=None, max_new_tokens=5, temperature=0, seed=0)


def test_a_run_without_a_token_to_learn_ends_in_an_error_before_training(
    tmp_path: Path, chat_model: Path, workers: ForkServer
) -> None:
    path = chat_job(tmp_path, chat_model, answers={"sky": "weight"})
    lines = [json.loads(line) for line in (tmp_path / "chats.jsonl").read_text("utf-8").splitlines()]
    for line in lines:
        line["messages"][1]["weight"] = 0
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    told = {(problem.code, problem.severity) for problem in check(path)["problems"]}
    assert ("data.no-trainable-token", "error") in told
    run = new_run(path)
    assert workers.run(run).status != 0
    assert run.state().status == "failed"
    assert run.state().extra["error"] == "data.no-trainable-token"


def positions(folder: Path, kind: str, **sizes: Any) -> int | None:
    folder.mkdir()
    json_folder(byte_level(CHATML), kind, tokenizer_class=FAST)(folder)
    config(folder, kind, **sizes)
    found = text_format(folder)
    assert found is not None
    return found.window


@pytest.mark.parametrize(
    ("kind", "sizes", "window"),
    [
        ("llama", {"max_position_embeddings": 96}, 96),
        ("gpt2", {"n_positions": 80}, 80),
        ("gpt2", {}, 1024),  # the architecture's own, where config.json says nothing
        ("roberta", {"max_position_embeddings": 66, "pad_token_id": 1}, 64),
        ("bloom", {}, None),
        ("unheard-of", {"max_position_embeddings": 50}, None),
    ],
)
def test_check_knows_the_window_without_the_model(
    tmp_path: Path, kind: str, sizes: dict[str, Any], window: int | None
) -> None:
    assert positions(tmp_path / "model", kind, **sizes) == window


def test_check_counts_what_a_run_will_cut(tiny_bert: Path) -> None:
    how = find_text_format("transformers", str(tiny_bert), Path(), {})
    assert how is not None
    assert how.window == 128
    texts = ["the same beginning " * 60 + f"and end {number}" for number in range(6)] + ["short", "short"]
    started, data = job("text-classification", max_length=1024), rows(text=texts, label=["a", "b"] * 4)
    facts = text_classification.facts(started, data)
    found = {problem.code: problem for problem in text_classification.check_rows(started, data, facts, how)}
    assert found["data.longer-than-window"].message == "the model reads at most 128 tokens, so 128 is used"
    assert found["data.longer-than-window"].place.key == "data.max_length"
    assert found["data.text-too-long"].message.startswith("6 of 8 texts are longer than 128 tokens")
    assert "choose a model with a longer window" in found["data.text-too-long"].hint
    assert found["data.equal-after-cut"].message.startswith("6 of 8 texts differ only in what is cut off")
    request = ModelRequest(
        name=str(tiny_bert),
        options={},
        head=text_head(outputs=2, problem=""),
        folder=Path(),
        seed=1,
    )
    model = load_model("transformers", request, Catalog())
    features = text_classification.build(started, facts).encode(data, model)
    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    assert ids.lengths.tolist()[:6] == [128] * 6
    assert len({tuple(ids[row].tolist()) for row in range(6)}) == 1


def test_predict_says_what_it_does_not_read(chat_run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["predict", str(chat_run.path), "--loss", "word " * 80, "--project", str(chat_run.path.parents[2])]) == 0
    )
    assert "data.text-too-long" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("今天天气很好我们去公园散步吧", 1.0),
        ("the sky is blue and the grass is green", 0.0),
        ("今天 the sky 天气", 0.6),
    ],
)
def test_the_share_of_unknown_tokens_is_that_of_the_tokens(text: str, share: float) -> None:
    how = find_text_format("bundled", "all-MiniLM-L6-v2", Path(), {})
    assert how is not None
    assert how.tokenizer is not None
    ids = how.tokenizer.encode(text).ids
    unknown = how.tokenizer.token_to_id("[UNK]")
    expected = sum(token == unknown for token in ids) / (len(ids) - 2)  # [CLS] and [SEP] stand for no text
    found = check_tokens(rows(text=[text]), [ids], [text], how)
    if expected < 0.05:
        assert found == []
        assert share == 0
    else:
        assert found[0].code == "data.unknown-tokens"
        assert found[0].message.startswith(f"{expected:.0%} of the tokens are unknown")
        assert "multilingual" in found[0].hint
        assert "scratch" in found[0].hint


def test_tokens_that_are_parts_of_characters_are_reported() -> None:
    chinese = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少"
    for tokenizer in (byte_level(CHATML), metaspace_bpe(["<unk>", "<s>", "</s>"])):
        how = TextFormat(tokenizer=tokenizer, special_tokens={"unk_token": "<unk>"})
        found = check_tokens(rows(text=[chinese]), [tokenizer.encode(chinese).ids], [chinese], how, known=["Qwen/a"])
        assert [problem.code for problem in found] == ["data.unknown-tokens"]
        assert "parts of single characters" in found[0].message
        assert "Qwen" in found[0].hint
        english = "the quick brown fox, it's 12 — naïve"
        assert check_tokens(rows(text=[english]), [tokenizer.encode(english).ids], [english], how) == []


def test_marks_of_the_tokenizer_that_stand_in_texts_are_reported() -> None:
    how = TextFormat(tokenizer=byte_level(CHATML), chat_template=CHAT_TEMPLATE)
    chats = [
        [{"role": "user", "content": text}, {"role": "assistant", "content": "a"}] for text in ("b", "c<|im_end|>")
    ]
    started, data = job("causal-lm"), rows(messages=chats)
    (problem,) = causal_lm.check_rows(started, data, causal_lm.facts(started, data), how)
    assert (problem.code, problem.severity, problem.place.line) == ("data.special-token-in-text", "warning", 3)
    assert problem.message.startswith("1 of 2 rows")
    assert problem.found == "<|im_end|>: rows.csv line 3"
    assert how.tokenizer is not None
    how.tokenizer.encode_special_tokens = True  # as split_special_tokens in tokenizer_config.json
    assert check_tokens(data, [[1], [2]], ["b", "c<|im_end|>"], how) == []


def test_a_tokenizer_larger_than_the_model_is_one_sentence() -> None:
    tokenizer = byte_level(CHATML)
    size = tokenizer.get_vocab_size()
    how = TextFormat(tokenizer=tokenizer, vocabulary=size - 1)
    last = tokenizer.id_to_token(size - 1)
    text = tokenizer.decode([size - 1])
    started, data = job("text-classification"), rows(text=[text, "b"], label=["x", "y"])
    facts = text_classification.facts(started, data)
    (problem,) = [
        each for each in text_classification.check_rows(started, data, facts, how) if each.severity == "error"
    ]
    assert problem.code == "model.tokenizer-too-large"
    assert f"knows {size} tokens, the model only {size - 1}" in problem.message
    assert last in problem.found
    model = LoadedModel(module=torch.nn.Identity(), kind="module", text=how)
    with pytest.raises(TunesmithError, match="tokenizer-too-large"):
        text_classification.build(started, facts).encode(data, model)
    harmless = rows(text=["b", "c"], label=["x", "y"])
    text_classification.build(started, facts).encode(harmless, model)


def test_a_tokenizer_is_made_from_conversations_and_numbers() -> None:
    found = causal_lm.texts(
        rows(messages=[[{"role": "user", "content": "q"}, {"role": "assistant", "content": 7}], "no conversation"])
    )
    assert list(found) == ["q", "7"]
    assert list(causal_lm.texts(rows(prompt=["a", 0], response=[False, "b"]))) == ["a", "0", "False", "b"]


def test_an_answer_that_is_the_number_0_is_learnt() -> None:
    tokenizer = byte_level(CHATML)
    started, data = job("causal-lm"), rows(prompt=["p", "q", "r"], response=[0, 1, False])
    task = causal_lm.build(started, causal_lm.facts(started, data))
    model = LoadedModel(module=torch.nn.Identity(), kind="module", text=TextFormat(tokenizer=tokenizer, ends=(0,)))
    features = task.encode(data, model)
    assert np.asarray(features["targets"])[:2].tolist() == [2, 2]
    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    assert [tokenizer.decode(ids[row].tolist(), skip_special_tokens=False) for row in range(3)] == [
        "p\n0<|endoftext|>",
        "q\n1<|endoftext|>",
        "r\nFalse<|endoftext|>",
    ]


def test_a_classifier_without_a_padding_token_is_taught_or_says_which_key_is_missing(tmp_path: Path) -> None:
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        LlamaConfig,
        LlamaForSequenceClassification,
    )

    json_folder(byte_level(["<|a|>"]), "llama", tokenizer_class=FAST)(tmp_path)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    torch.manual_seed(0)
    made = LlamaForSequenceClassification(
        LlamaConfig(vocab_size=500, bos_token_id=None, eos_token_id=None, num_labels=2, **sizes)
    )
    made.save_pretrained(tmp_path)
    request = ModelRequest(
        name=str(tmp_path),
        options={},
        head=text_head(outputs=2, problem=""),
        folder=Path(),
        seed=1,
    )
    started, data = job("text-classification"), rows(text=["one", "a longer text than that"], label=["x", "y"])
    task = text_classification.build(started, text_classification.facts(started, data))
    model = load_model("transformers", request, Catalog())
    with torch.no_grad():
        found = task.outputs(model, task.collate(task.encode(data, model), np.arange(2)))
        for row, text in enumerate(["one", "a longer text than that"]):
            ids = torch.tensor([model.tokenizer.encode(text).ids])  # type: ignore[union-attr]
            made.config.pad_token_id = None
            assert torch.allclose(found[row], made(ids).logits[0], atol=1e-6)
    (exported := tmp_path / "exported").mkdir()
    model.pretrained.save_pretrained(exported)  # type: ignore[union-attr, operator]
    write_tokenizer(SimpleNamespace(model=model), exported)  # type: ignore[arg-type]
    opened = AutoModelForSequenceClassification.from_pretrained(exported)
    batch = AutoTokenizer.from_pretrained(exported)(
        ["one", "a longer text than that"], padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        assert torch.allclose(opened(**batch).logits, found, atol=1e-6)
    json_folder(byte_level([]), "llama", tokenizer_class=FAST)(tmp_path)
    made.save_pretrained(tmp_path)
    with pytest.raises(TunesmithError) as caught:
        load_model("transformers", request, Catalog())
    assert (caught.value.code, caught.value.problem.place.key) == ("model.no-padding-token", "pad_token_id")


def test_new_check_and_estimate_say_that_a_model_does_not_know_the_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tunesmith.estimate.prepared import Request, material_of
    from tunesmith.estimate.work import shape

    lines = [
        f"{'今天天气很好，我们去公园散步吧' if row % 2 else '质量太差了，我要退货'}{row},{'ab'[row % 2]}"
        for row in range(60)
    ]
    (tmp_path / "words.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["new", "project", "--task", "text-classification", "--data", "words.csv"]) == 0
    told = "of the tokens are unknown to the model's tokenizer"
    assert told in capsys.readouterr().out
    (job_file,) = (tmp_path / "project").glob("*.job.yaml")
    found = [problem for problem in check(job_file)["problems"] if problem.code == "data.unknown-tokens"]
    assert len(found) == 1, "once, not for each part"
    shaped = shape(material_of(Request(file=job_file), Catalog()), Catalog(), trusted=True)
    assert any(told in note for note in shaped.notes)
