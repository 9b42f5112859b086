"""Marking answers: tokens, windows and loss beside transformers' own, and what is found in the outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from task_parts import cross_entropy, rows, tuned_from
from tokenizer_folders import FOLDERS, TEXTS
from tunesmith.models.parts.tokenizers import text_format
from tunesmith.tasks.parts.question_windows import cut_rows, pair_of
from tunesmith.tasks.parts.windows import Windows

CONTEXT = "The parser reads arguments. It returns the namespace of all options. Unknown ones are errors."
LONG = "The socket sends a line to the host, adding an end of line. " * 12 + CONTEXT
ROWS: dict[str, list[Any]] = {
    "question": ["What does it return?", "Who wrote it?", "What does it return after all?"],
    "context": [CONTEXT, CONTEXT, LONG],
    "answer": ["the namespace of all options", None, {"text": ["the namespace of all options"]}],
}


def test_windows_and_places_are_those_of_transformers_and_hold_every_token(tiny_bert: Path) -> None:
    from transformers import BertTokenizerFast

    data = rows(**ROWS)
    task, loaded = tuned_from(tiny_bert, "question-answering", data, stride=20)
    features = task.encode(data, loaded)
    theirs = BertTokenizerFast.from_pretrained(tiny_bert)
    short = theirs(ROWS["question"][0], CONTEXT)
    assert features["input_ids"][0].tolist() == short["input_ids"]
    assert features["token_type_ids"][0].tolist() == short["token_type_ids"]
    samples = np.flatnonzero(np.asarray(features["row"]) == 2)
    assert len(samples) > 1
    whole = theirs(LONG, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    read = {(int(b), int(e)) for s in samples for b, e in zip(features["begin"][s], features["end"][s], strict=True)}
    assert read == set(whole), "no token of the context is left out"
    for sample in np.flatnonzero(np.asarray(features["start"])):
        first = features["first"][sample]
        begin = features["begin"][sample][features["start"][sample] - first]
        end = features["end"][sample][features["stop"][sample] - first]
        assert ROWS["context"][features["row"][sample]][begin:end] == "the namespace of all options"
    assert (np.asarray(features["start"])[np.asarray(features["row"]) == 1] == 0).all()
    assert np.count_nonzero(np.asarray(features["start"])[samples]) >= 1


def test_the_loss_is_that_of_transformers_and_padding_is_no_choice(tiny_bert: Path) -> None:
    data = rows(**ROWS)
    task, loaded = tuned_from(tiny_bert, "question-answering", data)
    features = task.encode(data, loaded)
    loaded.module.eval()
    total = len(features["row"])
    with torch.no_grad():
        batch = task.collate(features, np.arange(total))
        assert "attention_mask" in batch
        ours = task.loss_sum(loaded, batch, cross_entropy, None).item()
        wanted = []
        for sample in range(total):
            one = {
                name: torch.from_numpy(features[name][sample].astype(np.int64))[None]
                for name in ("input_ids", "token_type_ids")
            }
            places = {
                name: torch.tensor([int(features[key][sample])])
                for name, key in (("start_positions", "start"), ("end_positions", "stop"))
            }
            wanted.append(loaded.module(**one, **places).loss.item())
        outputs = [each.numpy() for each in task.outputs(loaded, batch)]
    assert ours == pytest.approx(sum(wanted), rel=1e-5)
    row = np.asarray(features["row"])
    assert task.row_losses(outputs, features).tolist() == pytest.approx(
        [float(np.mean(np.array(wanted)[row == number])) for number in range(3)], rel=1e-4
    )


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_kind_of_tokenizer_joins_question_and_context_as_for_others(name: str, tmp_path: Path) -> None:
    FOLDERS[name](tmp_path)
    reads = text_format(tmp_path)
    assert reads is not None
    assert reads.tokenizer is not None
    pair = pair_of(reads.tokenizer)
    texts = [text for text in TEXTS if text.strip()][:8]
    found = cut_rows(reads.tokenizer, [(text, text[::-1]) for text in texts], Windows(length=10_000, stride=0), pair)
    for text, cut in zip(texts, found, strict=True):
        ids = [*pair.before, *cut.question, *pair.between, *cut.context, *pair.behind]
        assert ids == reads.tokenizer.encode(text, text[::-1]).ids
        assert cut.left_out == 0


def saying(task: Any, features: Any, places: dict[int, tuple[str, str] | None]) -> list[np.ndarray]:
    """Outputs of a model that answers these parts of the contexts, by row (None: no answer)."""
    outputs = []
    for sample, length in enumerate(features["input_ids"].lengths.tolist()):
        logits = np.zeros((length, 2), np.float32)
        row, first = int(features["row"][sample]), int(features["first"][sample])
        answer = places.get(row)
        begins, ends = features["begin"][sample].tolist(), features["end"][sample].tolist()
        at = ROWS["context"][row].index(answer[0]) if answer else -1
        if answer and at in begins and at + len(answer[0]) in ends:
            logits[first + begins.index(at), 0] = 9
            logits[first + ends.index(at + len(answer[0])), 1] = 9
        else:
            logits[0] = 1 if answer else 9
        outputs.append(logits)
    return outputs


def test_answers_figures_and_report_come_from_the_best_span_of_all_windows(tiny_bert: Path) -> None:
    data = rows(**ROWS)
    task, loaded = tuned_from(tiny_bert, "question-answering", data)
    features = task.encode(data, loaded)
    said = "the namespace of all options"
    right = saying(task, features, {0: (said, ""), 1: None, 2: (said, "")})
    assert task.metrics(right, features) == {"f1": 1.0, "exact_match": 1.0}
    answers = task.decode(right, features, data)
    assert [answer["answer"] for answer in answers] == [said, "", said]
    assert LONG[answers[2]["start"] : answers[2]["end"]] == said
    assert answers[0]["probability"] > 0.9
    assert answers[1]["no_answer_probability"] > 0.9
    wrong = saying(task, features, {0: ("all options", ""), 1: ("errors", ""), 2: None})
    assert task.metrics(wrong, features) == pytest.approx({"f1": (4 / 6 + 0 + 0) / 3, "exact_match": 0.0})
    judged = task.judge(wrong, features, data)
    assert judged.headline.startswith("F1 0.222 and exact match 0.0% on 3 held-out questions; counting shared words")
    assert "never answering would reach 0.333" in judged.headline
    assert any("no sign of learning" in warning for warning in judged.warnings)
    (texts,) = [block for block in judged.blocks if block.name == "mistakes"]
    marked = texts.rows[-1][2]
    assert [marked.text[span.start : span.end] for span in marked.spans] == ["all options"]
    assert judged.expected[1] is None


def test_no_answer_is_given_only_where_training_had_such_questions(tiny_bert: Path) -> None:
    cells = {name: [column[0], column[2]] for name, column in ROWS.items()}
    data = rows(**cells)
    task, loaded = tuned_from(tiny_bert, "question-answering", data)
    assert not task.may_be_none
    features = task.encode(data, loaded)
    nothing = [np.zeros((length, 2), np.float32) for length in features["input_ids"].lengths.tolist()]
    for logits in nothing:
        logits[0] = 9
    for answer in task.decode(nothing, features, data):
        assert answer["answer"]
        assert "no_answer_probability" not in answer


def test_an_answer_is_never_longer_than_asked_and_never_ends_before_it_begins(tiny_bert: Path) -> None:
    data = rows(**ROWS)
    task, loaded = tuned_from(tiny_bert, "question-answering", data, longest_answer=3)
    features = task.encode(data, loaded)
    noise = np.random.default_rng(2)
    outputs = [
        noise.normal(size=(length, 2)).astype(np.float32) + 5 * (np.arange(length) > 0)[:, None]
        for length in features["input_ids"].lengths.tolist()
    ]
    for answer, context in zip(task.decode(outputs, features, data), ROWS["context"], strict=True):
        assert 0 <= answer["start"] < answer["end"] <= len(context)
        assert len(loaded.tokenizer.encode(answer["answer"], add_special_tokens=False).ids) <= 4
