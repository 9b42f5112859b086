"""Tags, words and spans as data have them, and the figures of entities beside seqeval's."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from task_parts import job, rows
from tunesmith.data.readers import conll
from tunesmith.data.values import Refused, meaning
from tunesmith.scores.entities import entity_report, outcome
from tunesmith.tasks import token_classification as task
from tunesmith.tasks.parts.tagged_rows import tagged_row
from tunesmith.tasks.parts.tags import Entity, entities_of, scheme_of, strict_entities, tags_of
from tunesmith.tasks.parts.windows import Windows, best_windows
from tunesmith.tasks.parts.words import words_in

SENTENCE = [Entity(0, 2, "PER"), Entity(2, 3, "PER"), Entity(4, 5, "LOC"), Entity(6, 9, "ORG")]
SPELT = {
    "iob2": "B-PER I-PER B-PER O B-LOC O B-ORG I-ORG I-ORG",
    "iob1": "I-PER I-PER B-PER O I-LOC O I-ORG I-ORG I-ORG",
    "bilou": "B-PER L-PER U-PER O U-LOC O B-ORG I-ORG L-ORG",
    "iobes": "B-PER E-PER S-PER O S-LOC O B-ORG I-ORG E-ORG",
}


@pytest.mark.parametrize("scheme", SPELT)
def test_every_scheme_is_recognised_and_spells_the_same_entities(scheme):
    tags = SPELT[scheme].split()
    assert scheme_of([tags]) == scheme
    assert entities_of(tags, scheme) == (SENTENCE, [])
    assert " ".join(tags_of(SENTENCE, 9, scheme)) == SPELT["iob2"]


def test_types_without_letters_are_runs_and_parts_of_speech_are_plain():
    assert scheme_of([["O", "PER", "PER", "O"]]) == "io"
    assert entities_of(["PER", "PER", "O", "LOC"], "io")[0] == [Entity(0, 2, "PER"), Entity(3, 4, "LOC")]
    assert scheme_of([["DET", "NOUN", "VERB"]]) == "plain"
    assert entities_of(["DET", "NOUN"], "plain")[0] == [Entity(0, 1, "DET"), Entity(1, 2, "NOUN")]
    assert scheme_of([["B_PER", "I_PER", "O"]]) == "iob2"


@pytest.mark.parametrize(
    ("tags", "scheme", "word", "entities"),
    [
        ("O I-PER O", "iob2", 2, [Entity(1, 2, "PER")]),
        ("B-PER I-LOC", "iob2", 2, [Entity(0, 1, "PER"), Entity(1, 2, "LOC")]),
        ("B-PER O", "bilou", 1, [Entity(0, 1, "PER")]),
        ("O L-PER", "bilou", 2, [Entity(1, 2, "PER")]),
        ("B-PER I-PER B-PER L-PER", "bilou", 2, [Entity(0, 2, "PER"), Entity(2, 4, "PER")]),
        ("B-PER PER", "iob2", 2, [Entity(0, 1, "PER")]),
    ],
)
def test_impossible_tags_are_named_and_read_as_well_as_can_be(tags, scheme, word, entities):
    found, odd = entities_of(tags.split(), scheme)
    assert found == entities
    assert [each.word + 1 for each in odd] == [word]


def test_figures_equal_those_of_seqeval_in_strict_mode():
    from seqeval.metrics import accuracy_score, classification_report
    from seqeval.scheme import IOB2

    rng = random.Random(3)
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
    for size in (1, 3, 40):
        true, given = [], []
        for _ in range(size):
            words = rng.randint(1, 12)
            kept = tags_of(entities_of([rng.choice(tags) for _ in range(words)], "iob2")[0], words, "iob2")
            true.append(kept)
            given.append([tag if rng.random() < 0.6 else rng.choice(tags) for tag in kept])  # impossible ones, too
        report = entity_report(
            [strict_entities(row, "iob2") for row in true], [strict_entities(row, "iob2") for row in given]
        )
        theirs = classification_report(true, given, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
        for figures in (*report.by_type, report.overall):
            name = "micro avg" if figures.type == "all" else figures.type
            assert figures.precision == pytest.approx(theirs[name]["precision"])
            assert figures.recall == pytest.approx(theirs[name]["recall"])
            assert figures.f1 == pytest.approx(theirs[name]["f1-score"])
            assert figures.true == theirs[name]["support"]
        assert report.f1_macro == pytest.approx(theirs["macro avg"]["f1-score"])
        assert {each.type for each in report.by_type} == set(theirs) - {"micro avg", "macro avg", "weighted avg"}
        same = np.mean([a == b for one, two in zip(true, given, strict=True) for a, b in zip(one, two, strict=True)])
        assert accuracy_score(true, given) == pytest.approx(same)


def test_what_became_of_an_entity_is_counted_by_boundaries_and_type():
    true = Entity(2, 4, "PER")
    for answers, expected in [
        ([Entity(2, 4, "PER")], "right"),
        ([Entity(2, 4, "LOC")], "other type"),
        ([Entity(1, 4, "PER")], "other boundaries"),
        ([Entity(3, 6, "LOC")], "other type and boundaries"),
        ([Entity(4, 6, "PER")], "missed"),
        ([Entity(2, 3, "PER"), Entity(3, 4, "LOC")], "other boundaries"),
    ]:
        assert outcome(true, answers)[0] == expected
    report = entity_report([[true]], [[Entity(4, 6, "PER")]])
    assert dict(report.outcomes) == {"missed": 1, "invented": 1}
    assert dict(report.pairs) == {("PER", None): 1, (None, "PER"): 1}


def test_words_of_many_scripts_are_found_with_their_characters():
    for text, expected in {
        "U.S.-based, isn't it?": ["U", ".", "S", ".", "-", "based", ",", "isn", "'", "t", "it", "?"],
        "naïve cafe\u0301 x": ["naïve", "cafe\u0301", "x"],
        "हिन्दी भाषा।": ["हिन्दी", "भाषा", "।"],
        "東京へ行くABC": ["東", "京", "へ", "行", "く", "ABC"],
        "": [],
    }.items():
        found = words_in(text)
        assert [found[word] for word in range(len(found))] == expected
        assert all(text[b:e] == w for b, e, w in zip(found.begins, found.ends, expected, strict=True))


def test_windows_lose_no_token_and_judge_each_place_where_most_stands_around_it():
    for tokens in (0, 1, 10, 11, 12, 27, 100):
        for stride in (0, 1, 4, 9):
            spans = Windows(length=12, stride=stride).spans(tokens, 2)
            assert set().union(*(range(*span) for span in spans)) == set(range(tokens))
            assert all(end - begin <= 10 for begin, end in spans)
            assert all(two[0] <= one[1] - stride for one, two in pairwise(spans))
            places = np.arange(tokens)
            for place, window in zip(places, best_windows(places, spans), strict=True):
                around = [
                    min(place - b if b else 999, e - 1 - place if e < tokens else 999) if b <= place < e else -1
                    for b, e in spans
                ]
                assert around[window] == max(around) >= 0


def test_cells_of_words_and_spans_mean_lists_however_they_are_written():
    words, spans = meaning("words"), meaning("spans")
    assert words(["EU", "3", 4, None]) == ["EU", "3", "4", ""]
    assert words("EU rejects") == ["EU", "rejects"]
    assert words("['EU', 'rejects']") == words('["EU", "rejects"]') == ["EU", "rejects"]
    assert words(np.array([0, 3])) == words([0.0, 3.0]) == ["0", "3"]
    assert words("[sic] said") == ["[sic]", "said"]
    assert words(None) is None
    with pytest.raises(Refused, match="a mapping, not a list of words"):
        words({"a": 1})
    assert spans('[{"start": 0, "end": 2, "label": "X"}]') == [{"start": 0, "end": 2, "label": "X"}]


def written(tmp_path: Path, text: str, name: str = "a.conll") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_conll_files_are_read_with_comments_documents_and_four_columns(tmp_path):
    text = "-DOCSTART- -X- O O\n\n# sent_id = 1\nEU NNP B-NP B-ORG\n# NN I-NP O\n\nPeter NNP B-NP B-PER\n\t\n"
    path = written(tmp_path, text)
    assert conll.header(path) == ["words", "column2", "column3", "tags"]
    found = [(record.line, record.values) for record in conll.read(path, columns=["words", "tags"])]
    assert found == [(4, {"words": ["EU", "#"], "tags": ["B-ORG", "O"]}), (7, {"words": ["Peter"], "tags": ["B-PER"]})]


def test_a_line_with_other_columns_is_reported_with_its_number(tmp_path):
    path = written(tmp_path, "a O\nb\n\nc O\n")
    bad, good = conll.read(path)
    assert (bad.line, bad.values, bad.lines) == (2, None, 2)
    assert "1 column where the file has 2" in bad.bad
    assert good.values == {"words": ["c"], "tags": ["O"]}


def test_universal_dependencies_are_read_without_contractions_and_empty_nodes(tmp_path):
    lines = ["# text = zum Haus", "1-2\tzum" + "\t_" * 8, "1\tzu\tzu\tADP" + "\t_" * 6, "2\tdem\tder\tDET" + "\t_" * 6]
    path = written(
        tmp_path, "\n".join([*lines, "2.1\tx\tx\tVERB" + "\t_" * 6, "3\tHaus\tHaus\tNOUN" + "\t_" * 6]), "a.conllu"
    )
    (record,) = conll.read(path, columns=["words", "tags"])
    assert record.values == {"words": ["zu", "dem", "Haus"], "tags": ["ADP", "DET", "NOUN"]}


TEXT = "Angela Merkel visited Paris."


@pytest.mark.parametrize(
    ("entities", "why"),
    [
        ([{"start": 22, "end": 40, "label": "LOC"}], "reaches from 22 to 40, and the text has 28 characters"),
        ([{"start": 5, "end": 5, "label": "LOC"}], "reaches from 5 to 5"),
        ([{"start": 0, "end": 13, "label": "PER"}, {"start": 7, "end": 13, "label": "X"}], "overlaps 'Angela Merkel'"),
        ([{"start": 0, "end": 5, "label": "LOC", "text": "Paris"}], "not 'Paris', which stands at 22 to 27"),
        ([{"start": 0, "end": 5, "label": "LOC", "text": "Rome"}], "which stands nowhere in it"),
        ([{"start": "0", "end": 5, "label": "LOC"}], "lacks a start, an end or a label"),
        ("Paris", "no list of"),
        ([[6, 7, "X"]], "holds no word"),
    ],
)
def test_spans_that_cannot_be_are_refused_with_the_nearest_place(entities, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        tagged_row(rows(text=[TEXT], entities=[entities]), 0, "text", "iob2")


def test_spans_within_words_are_widened_and_reported():
    found = tagged_row(rows(text=[TEXT], entities=[[[0, 10, "PER"], [22, 27, "LOC"]]]), 0, "text", "iob2")
    assert found.entities == [Entity(0, 2, "PER"), Entity(3, 4, "LOC")]
    assert found.widened == ["'Angela Mer' (PER, 0 to 10) becomes 'Angela Merkel'"]


def told(found):
    return {(problem.code, problem.place.line, problem.severity) for problem in found}


def test_check_names_every_fault_of_tags_with_its_row():
    started = job("token-classification")
    train = rows(words=[["a", "b"], ["c"]], tags=[["B-PER", "I-PER"], ["O"]])
    facts = task.facts(started, train)
    assert facts.labels == ("O", "B-PER", "I-PER")
    held = rows(
        words=[["a", "b"], ["a", "b"], ["c"], [], ["d", ""], ["e"]],
        tags=[["B-PER"], ["O", "I-PER"], ["B-PRE"], [], ["O", "O"], [""]],
    )
    found = task.check_rows(started, held, facts, None)
    assert told(found) == {
        ("data.bad-tags", 2, "error"),
        ("data.impossible-tags", 3, "warning"),
        ("data.unknown-label", 4, "error"),
        ("data.bad-tags", 5, "error"),
        ("data.bad-tags", 6, "error"),
        ("data.bad-tags", 7, "error"),
        ("data.tag-scheme", None, "info"),
    }
    by_line = {problem.place.line: problem for problem in found}
    assert by_line[2].found == "it has 2 words and 1 tags"
    assert by_line[3].found == "word 2: I-PER follows O, so nothing is there to go on"
    assert by_line[4].hint == "did you mean PER?"
    assert [row for row, _ in task.unusable_rows(started, held, facts)] == [0, 3, 4, 5]


def test_tags_as_numbers_take_the_names_of_the_job_and_are_doubted_without():
    cells = {"words": [["a", "b"], ["c"]], "tags": [["1", "2"], ["0"]]}
    named = job("token-classification", labels=["O", "B-PER", "I-PER"])
    assert task.facts(named, rows(**cells)).labels == ("O", "B-PER", "I-PER")
    bare = job("token-classification")
    facts = task.facts(bare, rows(**cells))
    assert "data.unnamed-labels" in {problem.code for problem in task.check_rows(bare, rows(**cells), facts, None)}
    beyond = rows(words=[["a"]], tags=[["7"]])
    (fault,) = task.unusable_rows(named, beyond, task.facts(named, rows(**cells)))
    assert "its tag 7 has no name" in fault[1]


def test_the_worked_example_of_the_docs_is_right():
    page = (Path(__file__).parents[2] / "docs" / "tasks" / "token-classification.md").read_text(encoding="utf-8")
    rows_ = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}
    true, given = ([cell.strip() for cell in rows_[name].split("|")[2:-1]] for name in ("data", "model"))
    report = entity_report([strict_entities(true, "iob2")], [strict_entities(given, "iob2")])
    figures = {
        "precision": report.overall.precision,
        "recall": report.overall.recall,
        "f1": report.overall.f1,
        "f1_macro": report.f1_macro,
        "accuracy": sum(one == other for one, other in zip(true, given, strict=True)) / len(true),
    }
    for name, value in figures.items():
        assert rows_[f"`{name}`"].rstrip(" |").endswith(f"{value:.3f}")
    assert set(figures) == {metric.name for metric in task.MEMBER.metrics}
    assert report.outcomes == {"right": 1, "other boundaries": 1, "missed": 1}
