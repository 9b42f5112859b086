"""Figures of written texts: sacrebleu's own, ROUGE-L against the usual table, and what a report says of them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import sacrebleu

from tunesmith.catalog import Catalog
from tunesmith.judged import Texts
from tunesmith.scores import texts as scores
from tunesmith.scores.texts import common, overlap, rouge_l, tokenizer_for, tokens
from tunesmith.tasks.parts.judge_texts import judge_texts
from tunesmith.tasks.parts.untuned_texts import UntunedTexts, untuned_texts

SOURCES = ["the cat sat on the mat", "a dog barks at night", "rain falls in spring", "he reads a book"]
REFERENCES = ["die Katze saß auf der Matte", "ein Hund bellt nachts", "im Frühling fällt Regen", "er liest ein Buch"]
ANSWERS = ["die Katze sitzt auf der Matte", "ein Hund bellt nachts", "", "he reads a book"]


def table(one: list[str], other: list[str]) -> int:
    """The longest common subsequence as every textbook has it."""
    cells = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, first in enumerate(one):
        for j, second in enumerate(other):
            cells[i + 1][j + 1] = cells[i][j] + 1 if first == second else max(cells[i][j + 1], cells[i + 1][j])
    return cells[-1][-1]


def test_the_longest_common_sequence_is_that_of_the_textbook() -> None:
    draw = random.Random(0)
    for _ in range(300):
        one, other = (draw.choices("abcd", k=draw.randint(0, 90)) for _ in range(2))
        assert common(one, other) == table(one, other)


def test_rouge_l_is_an_f1_of_words_without_case_and_marks() -> None:
    found = rouge_l(tokens("The cat sat, on the mat!"), tokens("the cat is on a mat"))
    precision, recall = 4 / 6, 4 / 6
    assert found == pytest.approx(2 * precision * recall / (precision + recall))
    assert rouge_l([], []) == 1
    assert rouge_l([], ["a"]) == rouge_l(["a"], []) == 0


def test_languages_without_spaces_are_counted_by_sign() -> None:
    assert tokens("今天 GPT-4 很好。") == ["今", "天", "gpt", "4", "很", "好"]
    assert tokens("東京へ行く") == ["東", "京", "へ", "行", "く"]
    assert tokens("C'est déjà l'été") == ["c", "est", "déjà", "l", "été"]
    assert rouge_l(tokens("今天天气好"), tokens("今天天气很好")) == pytest.approx(2 * 5 / 11)
    assert [tokenizer_for([text]) for text in ("今天天气很好", "東京へ行く", "สวัสดี", "hello", "한국어 문장", "")] == [
        "zh",
        "char",
        "char",
        "13a",
        "13a",
        "13a",
    ]


@pytest.mark.parametrize(
    ("answers", "references", "tokenize"),
    [(ANSWERS, REFERENCES, "13a"), (["今天天气好", "你好"], ["今天天气很好。", "您好"], "zh")],
)
def test_chrf_and_bleu_are_those_of_sacrebleu_with_its_signature(
    answers: list[str], references: list[str], tokenize: str
) -> None:
    found = overlap(answers, references, references)
    assert found.chrf == sacrebleu.corpus_chrf(answers, [references]).score
    assert found.bleu == sacrebleu.corpus_bleu(answers, [references], tokenize=tokenize).score
    assert f"version:{sacrebleu.__version__}" in found.signatures[0]
    assert f"tok:{tokenize}" in found.signatures[1]


def test_copies_empties_exact_answers_and_lengths_are_counted() -> None:
    found = overlap(ANSWERS, REFERENCES, SOURCES)
    assert (found.exact_match, found.copies, found.empty) == (0.25, 0.25, 0.25)
    assert found.length_ratio == pytest.approx(sum(map(len, ANSWERS)) / sum(map(len, REFERENCES)))
    assert set(found.metrics()) == {metric.name for metric in scores.OF_TEXTS}


def test_without_sacrebleu_the_other_figures_stay_and_the_report_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "has_sacrebleu", lambda: False)
    judged = judge_texts(outputs(), SOURCES, REFERENCES, ANSWERS)
    assert judged.headline.startswith("ROUGE-L ")
    assert any("tunesmith[text]" in warning for warning in judged.warnings)
    assert set(judged.sections["texts"]) >= {"rouge_l", "exact_match"}


def outputs() -> np.ndarray:
    return np.array([[6.0, 6], [1.0, 4], [20.0, 5], [30.0, 4]])


def test_a_report_compares_with_copying_and_shows_the_worst_answers_first() -> None:
    judged = judge_texts(outputs(), SOURCES, REFERENCES, ANSWERS)
    best = sacrebleu.corpus_chrf(ANSWERS, [REFERENCES]).score
    copied = sacrebleu.corpus_chrf(SOURCES, [REFERENCES]).score
    assert judged.headline.startswith(f"chrF {best:.1f}")
    assert f"reaches {copied:.1f}." in judged.headline
    assert judged.sections["texts"]["without_a_model"]["the source itself"]["chrf"] == copied
    assert any("25.0% of the answers are empty" in warning for warning in judged.warnings)
    assert any("25.0% of the answers are the source" in warning for warning in judged.warnings)
    worst = next(block for block in judged.blocks if block.name == "worst")
    assert isinstance(worst, Texts)
    assert [cell.text for cell in worst.rows[0]] == ["rain falls in spring", "im Frühling fällt Regen", ""]
    assert list(judged.expected) == REFERENCES
    assert list(judged.predicted) == ANSWERS
    json.dumps([block.as_json() for block in judged.blocks])


def test_a_report_compares_with_the_untuned_model_on_the_rows_that_it_was_asked_for() -> None:
    untuned = UntunedTexts(
        outputs=np.array([[12.0, 6], [8.0, 4], [30.0, 5], [30.0, 4]]), written={1: "ein Hund", 3: ""}
    )
    kept = untuned_texts({"input_ids": np.zeros((4, 1)), **untuned.features()})
    assert kept is not None
    assert kept.written == untuned.written
    judged = judge_texts(outputs(), SOURCES, REFERENCES, ANSWERS, before=kept)
    right = [[REFERENCES[1], REFERENCES[3]]]
    before = sacrebleu.corpus_chrf(["ein Hund", ""], right).score
    now = sacrebleu.corpus_chrf([ANSWERS[1], ANSWERS[3]], right).score
    of_untuned = f", the untuned model {before:.1f} on the 2 of them that it was asked for (tuned: {now:.1f})."
    assert judged.headline.endswith(of_untuned)
    assert f"On 2 texts tuning took chrF from {before:.1f} to {now:.1f}." in judged.words
    assert any("(perplexity 20.09), and 4.211 before tuning;" in text for text in judged.words)  # 57 / 19 and 80 / 19
    assert judged.sections["texts"]["untuned"]["chrf"] == before
    table = judged.blocks[0].as_json()
    assert [row[0] for row in table["rows"]][-2:] == ["the untuned model, 2 texts", "the model, the same texts"]
    assert [row[1] for row in table["rows"]][-2:] == [before, now]
    whole = UntunedTexts(outputs=untuned.outputs, written=dict(enumerate(REFERENCES)))
    judged = judge_texts(outputs(), SOURCES, REFERENCES, ANSWERS, before=whole)
    assert judged.headline.endswith(", the untuned model 100.0.")
    assert any("tuning made it worse" in warning for warning in judged.warnings)
    unwritten = UntunedTexts(outputs=untuned.outputs, written={})
    judged = judge_texts(outputs(), SOURCES, REFERENCES, [], before=unwritten)
    assert judged.headline == "Loss 3.0000 a token on 4 held-out rows, 4.2105 before tuning; nothing was written."


def test_a_model_that_only_copies_is_told_so() -> None:
    judged = judge_texts(outputs(), SOURCES, REFERENCES, SOURCES)
    assert any("no better than the source itself" in warning for warning in judged.warnings)


def test_a_summary_is_compared_with_the_beginning_of_its_source() -> None:
    sources = [f"{reference} and many more words follow here" for reference in REFERENCES]
    judged = judge_texts(outputs(), sources, REFERENCES, ANSWERS)
    assert "the source's first 4 words as the answer reaches" in judged.headline


def test_rows_beyond_the_answered_ones_keep_their_place() -> None:
    judged = judge_texts(outputs(), SOURCES, REFERENCES, ANSWERS[:2])
    assert judged.predicted[:2] == ANSWERS[:2]
    assert judged.predicted[2] == {"loss_per_token": 4.0}
    assert len(judged.expected) == len(judged.predicted) == 4
    assert list(judged.expected[:2]) == REFERENCES[:2]


def test_every_metric_is_known_by_name_and_direction() -> None:
    for metric in scores.OF_TEXTS:
        assert not Catalog().metric(metric.name).lower_is_better
        assert metric.dear


def test_metrics_of_the_docs_are_right() -> None:
    """The worked examples of docs/tasks/seq2seq.md."""
    page = (Path(__file__).parents[2] / "docs" / "tasks" / "seq2seq.md").read_text("utf-8")
    reference, answer = "der Hund schläft im Garten", "der Hund schläft im Haus"
    found = overlap([answer], [reference], ["the dog sleeps in the garden"])
    for line in (
        f"`{reference}`",
        f"`{answer}`",
        f"chrF {found.chrf:.1f}",
        f"BLEU {found.bleu:.1f}",
        f"ROUGE-L {found.rouge_l:.1f}",
    ):
        assert line in page
