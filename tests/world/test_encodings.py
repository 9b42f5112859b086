"""Text files in the encodings that spreadsheets and old systems write, and what counts as a line."""

from __future__ import annotations

import io
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support import errors_of, write_job
from tunesmith.catalog import Catalog
from tunesmith.checks.job import check
from tunesmith.data.encodings import encoding_of
from tunesmith.data.table import open_table
from tunesmith.errors import TunesmithError

CHINESE = [
    "这部电影非常好看，强烈推荐",
    "服务态度太差了，再也不来",
    "价格便宜质量不错",
    "快递很慢，包装也破了",
    "系统出现错误无法登录",
    "请问退款什么时候到账",
]
TRADITIONAL = ["這部電影非常好看，強烈推薦", "服務態度太差了，再也不來", "價格便宜品質不錯", "快遞很慢，包裝也破了"]
JAPANESE = [
    "この映画はとても面白かったです。",
    "サービスが悪かった。二度と行きません。",
    "値段が安くて品質も良い",
    "荷物が遅い",
]
KOREAN = [
    "이 영화는 정말 재미있었습니다",
    "서비스가 너무 나빴어요",
    "가격이 싸고 품질도 좋아요",
    "비밀번호를 잊어버렸습니다",
]
WESTERN = [
    "Très bon film à voir",
    "Das Gerät kostet 5 € – schön und günstig",
    "¿Por qué no? El niño quería más",
    "Ça déçoit",
]
CYRILLIC = [
    "Очень хороший фильм, всем советую",
    "Ужасное обслуживание",
    "Цена низкая, качество хорошее",
    "Больше не приду",
]
POLISH = [
    "Zażółć gęślą jaźń",
    "Ten film był naprawdę świetny",
    "Obsługa była zła i już nie wrócę",
    "Cena jest niska, ale jakość dobra",
]
WORLD = {
    "gbk": CHINESE,
    "gb18030": CHINESE,
    "big5": TRADITIONAL,
    "cp932": JAPANESE,
    "euc_jp": JAPANESE,
    "cp949": KOREAN,
    "cp1252": WESTERN,
    "cp1251": CYRILLIC,
    "cp1250": POLISH,
    "utf-8": [*CHINESE, *WESTERN],
    "utf-8-sig": [*CHINESE, *WESTERN],
    "utf-16": [*CHINESE, *WESTERN],
    "utf-16-le": [*WESTERN, *CHINESE],
    "utf-16-be": [*WESTERN, *CHINESE],
    "utf-32": [*CHINESE, *WESTERN],
}


def texts_of(path: Path) -> list[str]:
    table = open_table(str(path), path.parent, Catalog())
    found = list(table.records(["text"]))
    assert [record.bad for record in found if record.values is None] == []
    return [(record.values or {})["text"] for record in found]


def write(folder: Path, texts: list[str], encoding: str, ending: str) -> Path:
    """A file as pandas or json writes it."""
    path = folder / f"messages.{ending}"
    frame = pd.DataFrame({"id": range(len(texts)), "text": texts, "label": [f"k{n % 2}" for n in range(len(texts))]})
    if ending == "jsonl":
        lines = [json.dumps(row, ensure_ascii=False) for row in frame.to_dict("records")]
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    else:
        frame.to_csv(path, index=False, encoding=encoding, sep="," if ending == "csv" else "\t")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("encoding", WORLD)
def test_files_are_read_in_the_encoding_they_are_written_in(tmp_path: Path, encoding: str, ending: str) -> None:
    path = write(tmp_path, WORLD[encoding], encoding, ending)
    assert texts_of(path) == WORLD[encoding]
    guessed = encoding_of(path).guess
    assert bool(guessed) == (encoding not in ("utf-8", "utf-8-sig", "utf-16", "utf-32"))
    if ending == "csv":
        read_back = pd.read_csv(path, encoding=encoding, keep_default_na=False)
        assert read_back["text"].tolist() == WORLD[encoding]


def test_a_mebibyte_of_ascii_before_the_first_other_character_does_not_mislead(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "text\n" + "plain words and more of them\n" * 60_000
    path.write_bytes((head + "\n".join(CHINESE) + "\n").encode("gbk"))
    assert len(head) > 1 << 20
    assert texts_of(path)[-len(CHINESE) :] == CHINESE


def checked(folder: Path, data: str) -> dict[str, Any]:
    return check(write_job(folder, f"{data}, validation: 20%"))


def test_a_guess_is_reported_with_how_the_text_reads_and_the_key_settles_it(tmp_path: Path) -> None:
    write(tmp_path, CHINESE * 4, "gbk", "csv")
    found = checked(tmp_path, "train: messages.csv")
    told = [problem for problem in found["problems"] if problem.code == "data.guessed-encoding"]
    assert [problem.severity for problem in told] == ["warning"]
    assert CHINESE[0][:6] in told[0].found
    assert "`encoding: gb18030`" in told[0].hint
    settled = checked(tmp_path, "train: messages.csv, encoding: gb18030")
    assert settled["rows"] == found["rows"]
    assert found["rows"]["train"] + found["rows"]["validation"] == 24
    assert "data.guessed-encoding" not in {problem.code for problem in settled["problems"]}


def test_where_several_encodings_would_do_their_readings_are_shown_and_the_key_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\nfine,긍정\nbad,부정\n".encode("cp949"))
    problem = checked(tmp_path, "train: a.csv")["problems"][0]
    assert problem.code == "data.unknown-encoding"
    assert "cp949: fine,긍정" in problem.found
    assert "gb18030: fine,编沥" in problem.found
    assert "encoding:" in problem.hint


def test_bytes_that_big5_reads_as_a_letter_with_an_accent_of_its_own_are_asked_for(tmp_path: Path) -> None:
    """In Big5 they are two characters, and the accent alone has no bytes there."""
    (tmp_path / "a.csv").write_bytes("text,label\n挨拶,k\n".encode("cp932"))
    problem = checked(tmp_path, "train: a.csv")["problems"][0]
    assert problem.code == "data.unknown-encoding"
    assert "big5hkscs: ê\u030c垾" in problem.found


def test_a_wrong_key_is_reported_row_by_row_and_skips_nothing_in_silence(tmp_path: Path) -> None:
    write(tmp_path, CHINESE * 4, "gbk", "csv")
    for bad_rows in ("error", "skip"):
        errors = errors_of(checked(tmp_path, f"train: messages.csv, encoding: utf-8, bad_rows: {bad_rows}"))
        assert errors
        assert "is not UTF-8" in errors[0].message
    assert checked(tmp_path, "train: messages.csv, encoding: klingon")["problems"][0].code == "job.wrong-value"


def test_a_few_damaged_bytes_do_not_make_utf8_another_encoding(tmp_path: Path) -> None:
    content = ("text,label\n" + "".join(f"{text},k\n" for text in CHINESE * 5)).encode()
    (tmp_path / "a.csv").write_bytes(content + b"caf\xe9,k\n")
    assert encoding_of(tmp_path / "a.csv").codec == "utf-8"
    problems = checked(tmp_path, "train: a.csv")["problems"]
    assert [(problem.code, problem.place.line) for problem in problems][:1] == [("data.bad-row", 32)]


def test_short_texts_are_never_guessed_wrong_where_another_reading_is_as_good() -> None:
    """What is guessed is right; what is not certain is asked for."""
    random_numbers = random.Random(0)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        for encoding in ("gbk", "big5", "cp932", "cp949", "cp1251"):
            letters = "".join(WORLD[encoding]).replace(",", "")
            for _ in range(40):
                begin = random_numbers.randrange(len(letters) - 8)
                text = "id,text\n" + f"1,words {letters[begin : begin + random_numbers.randint(4, 8)]}\n" * 3
                path.write_bytes(text.encode(encoding))
                try:
                    codec = encoding_of(path).codec
                except TunesmithError as error:
                    assert error.code == "data.unknown-encoding"
                    continue
                if text.encode(encoding).decode(codec, "replace") != text:
                    wrong.append((encoding, codec, text))
    assert len(wrong) <= 2, wrong


ODD = "one\x0btwo\x0cthree\x1cfour\x85five\u2028six\u2029seven"


def test_only_line_feeds_and_carriage_returns_end_a_line(tmp_path: Path) -> None:
    from tunesmith.data.lines import open_text
    from tunesmith.data.read_options import USUALLY

    (tmp_path / "a.txt").write_bytes(f"{ODD}\r\nb\rc\n\nd".encode())
    with open_text(tmp_path / "a.txt", USUALLY) as file:
        assert [line.rstrip("\r\n") for line in file] == [ODD, "b", "c", "", "d"]
    (tmp_path / "a.csv").write_bytes(f"text\n{ODD}\nb\n".encode())
    (tmp_path / "a.tsv").write_bytes(f"text\n{ODD}\nb\n".encode())
    (tmp_path / "a.jsonl").write_bytes((json.dumps({"text": ODD}, ensure_ascii=False) + '\n{"text": "b"}\n').encode())
    for name in ("a.csv", "a.tsv", "a.jsonl"):
        assert texts_of(tmp_path / name) == [ODD, "b"]


ANY = st.characters(codec="utf-8", exclude_characters="\0")
MESSY = st.text(st.one_of(st.sampled_from('",;\t\n\r \x0b\u2028é漢'), ANY))
NOTHING = st.sampled_from(["NA", "null", "nan", "", "1.0", "TRUE"])


@given(rows=st.lists(st.tuples(MESSY, NOTHING), min_size=1, max_size=6))
@settings(deadline=None, max_examples=60)
def test_csv_and_jsonl_read_what_pandas_reads_and_keep_words_for_nothing(rows: list[tuple[str, str]]) -> None:
    """pandas makes NaN of NA, null and the like, unless told not to; here they are always texts."""
    frame = pd.DataFrame(rows, columns=["text", "label"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        content = frame.to_csv(index=False, quoting=1)
        path.write_bytes(content.encode())
        expected = pd.read_csv(io.StringIO(content), dtype=str, keep_default_na=False, na_filter=False)
        table = open_table(str(path), path.parent, Catalog())
        found = [(record.values or {}) for record in table.records(["text", "label"])]
        assert [row["label"] for row in found] == expected["label"].tolist()
        assert [row["text"] for row in found] == [text for text, _ in rows]
        lines = Path(folder) / "a.jsonl"
        lines.write_text(frame.to_json(orient="records", lines=True, force_ascii=False), encoding="utf-8", newline="")
        assert texts_of(lines) == [text for text, _ in rows]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"text": "a", "label": "b",}\n' * 3, "is not JSON"),
        ("{'text': 'a', 'label': 'b'}\n" * 3, "is not JSON"),
        ('{\n  "text": "a",\n  "label": "b"\n}\n', "is not JSON"),
        ('\n[{"text": "a"}]\n', "is one JSON list"),
        ("[" * 100_000 + "\n", "is one JSON list"),
        ('{"text": ' + "[" * 100_000 + "\n", "is not readable JSON"),
        ('{"text": ' + "[" * 200 + "]" * 200 + "}\n", "nested more than 100 deep"),
    ],
)
def test_where_no_line_can_be_read_the_fault_of_the_line_is_reported(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "a.jsonl").write_text(content)
    for bad_rows in ("error", "skip"):
        problems = checked(tmp_path, f"train: a.jsonl, bad_rows: {bad_rows}")["problems"]
        assert told in problems[0].message, problems
        assert problems[0].place.line == (2 if content.startswith("\n") else 1)


def test_zero_bytes_in_a_table_of_ascii_do_not_make_it_chinese(tmp_path: Path) -> None:
    """Programs in C leave them behind short names; here at every even place, as in UTF-16, but too few."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\n\n" + b"".join(b"row number%2d\0b,ab\n" % number for number in range(40)))
    assert path.read_bytes()[0::2].count(0) == 40
    assert encoding_of(path).codec == "utf-8"
