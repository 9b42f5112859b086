"""Tags of words: tokens, windows, loss and answers beside transformers' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from task_parts import cross_entropy, job, rows, tuned_from
from tokenizer_folders import FOLDERS, TEXTS
from tunesmith.models.parts.tokenizers import text_format
from tunesmith.tasks import token_classification
from tunesmith.tasks.parts.judge_tags import judge_tags
from tunesmith.tasks.parts.tag_answers import TagAnswers
from tunesmith.tasks.parts.windows import around_text
from tunesmith.tasks.parts.word_tokens import NO_TOKEN, first_tokens, ragged, tokens_of
from tunesmith.tasks.parts.words import words_in, words_joined

WORDS = [
    ["Internationalization", "of", "Anna", "Schmidt", "in", "Paris", "."],
    ["unquestionably"],
    ["Bob", "returned", "the", "configuration", "files"],
]
TAGS = [
    ["B-MISC", "O", "B-PER", "I-PER", "O", "B-LOC", "O"],
    ["O"],
    ["B-PER", "O", "O", "B-MISC", "I-MISC"],
]


def test_the_loss_is_that_of_transformers_with_first_tokens_labelled(tiny_bert: Path) -> None:
    from transformers import BertTokenizerFast

    data = rows(words=WORDS, tags=TAGS)
    task, loaded = tuned_from(tiny_bert, "token-classification", data)
    features = task.encode(data, loaded)
    batch = task.collate(features, np.arange(3))
    theirs = BertTokenizerFast.from_pretrained(tiny_bert)(
        WORDS, is_split_into_words=True, padding=True, return_tensors="pt"
    )
    assert torch.equal(batch["input_ids"], theirs["input_ids"])
    labels = torch.full_like(theirs["input_ids"], -100)
    numbers = {tag: number for number, tag in enumerate(task.facts.labels)}
    for row, tags in enumerate(TAGS):
        before = None
        for place, word in enumerate(theirs.word_ids(row)):
            if word is not None and word != before:
                labels[row, place] = numbers[tags[word]]
            before = word
    loaded.module.eval()
    with torch.no_grad():
        wanted = loaded.module(**theirs, labels=labels).loss
        ours = task.loss_sum(loaded, batch, cross_entropy, None) / task.weights(features, None).sum()
        parts = [
            task.loss_sum(loaded, task.collate(features, np.array([row])), cross_entropy, None) for row in range(3)
        ]
    assert ours.item() == pytest.approx(wanted.item(), rel=1e-6)
    assert (sum(parts) / task.weights(features, None).sum()).item() == pytest.approx(wanted.item(), rel=1e-5)


def test_a_text_longer_than_the_model_is_read_whole_and_each_word_judged_once(tiny_bert: Path) -> None:
    rng = np.random.default_rng(1)
    words = [str(word) for word in rng.choice(["socket", "Internationalization", "a", "Paris", "of"], 300)]
    data = rows(words=[words, ["Paris"]], tags=[["B-LOC" if word == "Paris" else "O" for word in words], ["B-LOC"]])
    task, loaded = tuned_from(tiny_bert, "token-classification", data, stride=8)
    features = task.encode(data, loaded)
    assert features["input_ids"].lengths.max() == 128
    assert len(features["row"]) > 3
    assert task.weights(features, None).sum() == 301
    tags = np.asarray(features["tags"].values)
    assert [task.facts.labels[tag] for tag in tags] == [*data.columns["tags"][0], "B-LOC"]
    whole = loaded.tokenizer.encode(" ".join(words))
    starts = {start for start, _ in words_spans(words)}
    ids = [
        token for token, (start, end) in zip(whole.ids, whole.offsets, strict=True) if end > start and start in starts
    ]
    place, inputs = features["place"], features["input_ids"]
    judged = [inputs[sample][at] for sample in range(len(features["row"]) - 1) for at in place[sample]]
    assert judged == ids, "the token of each word, none left out and none twice"
    loaded.module.eval()
    with torch.no_grad():
        outputs = [task.outputs(loaded, task.collate(features, np.array([n])))[0].numpy() for n in range(len(place))]
    (answer, last) = task.decode(outputs, features, data)
    assert (len(answer["tags"]), last["words"]) == (300, ["Paris"])


def words_spans(words: list[str]) -> list[tuple[int, int]]:
    found = words_joined(words)
    return list(zip(found.begins, found.ends, strict=True))


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_kind_of_tokenizer_has_a_token_for_each_word(name: str, tmp_path: Path) -> None:
    FOLDERS[name](tmp_path)
    reads = text_format(tmp_path)
    assert reads is not None
    assert reads.tokenizer is not None
    around = around_text(reads.tokenizer)
    found = [words_in(text) for text in TEXTS]
    for text, tokens in zip(TEXTS, tokens_of(reads.tokenizer, found, around), strict=True):
        ids = [*around.before, *tokens.ids.tolist(), *around.behind]
        assert ids == reads.tokenizer.encode(text).ids
        first = tokens.first[tokens.first != NO_TOKEN]
        assert len(set(first.tolist())) == len(first), "no token stands for two words"
        assert (np.diff(first) > 0).all()


def test_a_word_that_shares_its_token_with_the_one_before_goes_on_as_that() -> None:
    words = words_in('the dog."')
    offsets = np.array([(0, 3), (3, 7), (7, 9)])  # as byte pairs cut: ` dog` with its blank, and `."` as one
    assert first_tokens(words, offsets).tolist() == [0, 1, 2, NO_TOKEN]
    facts = token_classification.facts(job("token-classification"), rows(words=[["a", "b"]], tags=[["B-PER", "I-PER"]]))
    features = {
        "place": ragged([np.array([0, 1, 2, NO_TOKEN])], np.int32),
        "row": np.array([0]),
    }
    sure = np.eye(3, dtype=np.float32) * 9
    answers = TagAnswers.of([sure[[0, 0, 1]]], features, facts)
    assert answers.answered == [["O", "O", "B-PER", "I-PER"]]
    (told,) = answers.decode([words])
    assert [(span["text"], span["start"], span["end"], span["label"]) for span in told["spans"]] == [
        ('."', 7, 9, "PER")
    ]
    assert told["spans"][0]["probability"] == pytest.approx(np.exp(9) / (np.exp(9) + 2))


def answered(task: Any, features: Any, tags: list[list[str]], sure: float = 8.0) -> list[np.ndarray]:
    """Outputs of a model that gives these tags."""
    numbers = {tag: number for number, tag in enumerate(task.facts.labels)}
    flat = np.eye(len(numbers), dtype=np.float32)[[numbers[tag] for row in tags for tag in row]] * sure
    return np.split(flat, features["place"].offsets[1:-1])


def test_metrics_equal_those_of_seqeval_and_losses_those_of_torch(tiny_bert: Path) -> None:
    from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score
    from seqeval.scheme import IOB2

    data = rows(words=WORDS, tags=TAGS)
    task, loaded = tuned_from(tiny_bert, "token-classification", data)
    features = task.encode(data, loaded)
    given = [
        ["B-MISC", "O", "B-PER", "O", "O", "I-LOC", "O"],
        ["B-LOC"],
        ["B-PER", "O", "O", "B-MISC", "I-MISC"],
    ]
    outputs = answered(task, features, given)
    more = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    assert task.metrics(outputs, features) == pytest.approx(
        {
            "f1": f1_score(TAGS, given, **more),
            "f1_macro": f1_score(TAGS, given, average="macro", **more),
            "precision": precision_score(TAGS, given, **more),
            "recall": recall_score(TAGS, given, **more),
            "accuracy": accuracy_score(TAGS, given),
        }
    )
    numbers = {tag: number for number, tag in enumerate(task.facts.labels)}
    expected = [
        torch.nn.functional.cross_entropy(torch.from_numpy(found), torch.tensor([numbers[tag] for tag in tags])).item()
        for found, tags in zip(outputs, TAGS, strict=True)
    ]
    assert task.row_losses(outputs, features).tolist() == pytest.approx(expected, rel=1e-4)


def test_the_report_compares_with_looking_words_up_and_marks_mistakes(tiny_bert: Path) -> None:
    data = rows(words=WORDS, tags=TAGS)
    task, loaded = tuned_from(tiny_bert, "token-classification", data)
    features = task.encode(data, loaded)
    given = [["B-MISC", "O", "B-PER", "O", "O", "B-PER", "O"], ["O"], TAGS[2]]
    judged = task.judge(answered(task, features, given), features, data)
    assert judged.headline == (
        "F1 0.600 on 5 entities in 3 held-out rows; looking each word up in the training rows would reach 1.000."
    )
    assert any("no sign of learning" in warning for warning in judged.warnings)
    assert any("84.6% of the words have the right tag, but 46.2% of them are O" in said for said in judged.words)
    blocks = {block.name: block for block in judged.blocks}
    assert [row[:2] for row in blocks["outcomes"].rows] == [
        ["right", 3],
        ["other type", 1],
        ["other boundaries", 1],
        ["other type and boundaries", 0],
        ["missed", 0],
        ["invented", 0],
    ]
    (shown,) = blocks["mistakes"].rows
    assert [(shown[1].text[s.start : s.end], s.label, s.right) for s in shown[1].spans] == [
        ("Internationalization", "MISC", True),
        ("Anna", "PER", False),
        ("Paris", "PER", False),
    ]
    assert judged.expected[0] == ["Internationalization (MISC)", "Anna Schmidt (PER)", "Paris (LOC)"]
    assert judged.sections["tags"]["word_lookup_f1"] == 1.0
    bare = judge_tags(TagAnswers.of(answered(task, features, given), features, task.facts), task.facts, None)
    assert bare.headline == "F1 0.600 on 5 entities in 3 held-out rows."


def test_a_model_that_finds_nothing_has_no_f1_though_most_words_are_right(tiny_bert: Path) -> None:
    data = rows(words=WORDS, tags=TAGS)
    task, loaded = tuned_from(tiny_bert, "token-classification", data)
    features = task.encode(data, loaded)
    nothing = [["O"] * len(row) for row in TAGS]
    metrics = task.metrics(answered(task, features, nothing), features)
    assert (metrics["f1"], metrics["accuracy"]) == (0.0, pytest.approx(6 / 13))
    judged = task.judge(answered(task, features, nothing), features, data)
    assert any(warning.startswith("Never answered, although there are some: LOC") for warning in judged.warnings)


def test_parts_of_speech_are_judged_word_by_word(tiny_bert: Path) -> None:
    data = rows(words=[["the", "dog", "barks"], ["a", "dog"]], tags=[["DET", "NOUN", "VERB"], ["DET", "NOUN"]])
    task, loaded = tuned_from(tiny_bert, "token-classification", data)
    assert task.facts.labels == ("DET", "NOUN", "VERB")
    features = task.encode(data, loaded)
    outputs = answered(task, features, [["DET", "NOUN", "NOUN"], ["DET", "NOUN"]])
    metrics = task.metrics(outputs, features)
    assert metrics["accuracy"] == metrics["f1"] == 0.8
    assert metrics["f1_macro"] == pytest.approx((1 + 0.8 + 0) / 3)
    judged = task.judge(outputs, features, data)
    assert judged.headline.startswith("80.0% of 5 words in 2 held-out rows are tagged rightly; looking each word up")
