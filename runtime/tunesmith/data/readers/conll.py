"""Sentences with a tag for each word: CoNLL files and CoNLL-U (Universal Dependencies)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.data.lines import fault, open_text
from tunesmith.data.read_options import USUALLY, ReadOptions
from tunesmith.data.rows import Record
from tunesmith.errors import Place, TunesmithError
from tunesmith.members import Reader

TEXT = True

MEMBER = Reader(
    name="conll",
    help="One word a line with its tags in columns, a blank line after each sentence; a sentence becomes one row.",
    when="Names or parts of speech as CoNLL-2003, WNUT and Universal Dependencies keep them.",
    source="Tjong Kim Sang and De Meulder 2003, arXiv:cs/0306050; universaldependencies.org/format",
    suffixes=(".conll", ".conllu", ".bio", ".iob", ".iob2"),
)

WORDS, TAGS = "words", "tags"
UNIVERSAL = ("id", WORDS, "lemma", TAGS, "xpos", "feats", "head", "deprel", "deps", "misc")
"""The columns of CoNLL-U; its tags are the universal parts of speech."""
DOCUMENT = ("-DOCSTART-", "-X-")
_COMMENT = re.compile(r"#\s*(sent_id|text|newdoc|newpar|global\.columns|id|source|translit)\b")


def header(path: Path, *, options: ReadOptions = USUALLY) -> list[str]:
    """The names of the columns: `words` is the first, `tags` the last, `column2` and so on stand between them.

    Raises TunesmithError data.unreadable where the first line of words has one column only.
    """
    form = _form(path, options)
    return [] if form is None else list(form.names)


def read(path: Path, *, columns: Sequence[str] | None = None, options: ReadOptions = USUALLY) -> Iterator[Record]:
    """Every sentence, at the line of its first word, with a list for each column (or only for `columns`)."""
    form = _form(path, options)
    if form is None:
        return
    sentence = _Sentence()
    with open_text(path, options) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip("\r\n")
            if not text.strip() or text.startswith(DOCUMENT):
                yield from sentence.ended(form, columns)
                sentence = _Sentence()
            elif wrong := fault(text, options.encoding):
                sentence.add(number, [], wrong)
            elif not form.is_comment(text, first=not sentence.lines):
                cells = form.cells(text)
                if cells is not None:
                    sentence.add(number, cells, form.wrong(cells))
    yield from sentence.ended(form, columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How a line of this file is parted: by `tabs` or by any blanks, into the columns `names`."""

    names: Sequence[str]
    tabs: bool
    universal: bool

    def cells(self, text: str) -> list[str] | None:
        """The columns of a line; None for a line of CoNLL-U that is no word (`1-2`, `8.1`)."""
        parts = [part.strip() for part in text.split("\t")] if self.tabs else text.split()
        if self.universal and not parts[0].isdecimal() and re.fullmatch(r"\d+[-.]\d+", parts[0]):
            return None
        return parts

    def is_comment(self, text: str, *, first: bool) -> bool:
        """Whether it is about the sentence. A word may be `#`, too: then the line has all its columns."""
        if not text.startswith("#"):
            return False
        if self.tabs:
            return "\t" not in text
        return first and (len(text.split()) != len(self.names) or bool(_COMMENT.match(text)))

    def wrong(self, cells: Sequence[str]) -> str:
        """What is wrong with a line of words, or nothing."""
        if len(cells) != len(self.names):
            return f"has {len(cells)} column{'s' if len(cells) != 1 else ''} where the file has {len(self.names)}"
        empty = next((name for name, cell in zip(self.names, cells, strict=True) if not cell), None)
        return f"has nothing in column {empty}" if empty and not self.universal else ""


@dataclass(slots=True)
class _Sentence:
    """The lines of words so far, and the first that cannot be read."""

    lines: list[int] = field(default_factory=list)
    cells: list[Sequence[str]] = field(default_factory=list)
    bad: tuple[int, str] | None = None

    def add(self, number: int, cells: Sequence[str], wrong: str) -> None:
        self.lines.append(number)
        self.cells.append(cells)
        if wrong and self.bad is None:
            self.bad = (number, wrong)

    def ended(self, form: _Form, columns: Sequence[str] | None) -> Iterator[Record]:
        """The row, if there are lines."""
        if self.bad:
            yield Record(self.bad[0], None, f"{self.bad[1]}, so its sentence cannot be read", lines=len(self.lines))
        elif self.lines:
            found = dict(zip(form.names, map(list, zip(*self.cells, strict=True)), strict=True))
            yield Record(self.lines[0], found if columns is None else {name: found[name] for name in columns})


def _form(path: Path, options: ReadOptions) -> _Form | None:
    """As the first line of words shows; None where there is none. Raises data.unreadable."""
    universal = path.suffix.lower() == ".conllu"
    with open_text(path, options) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip("\r\n")
            if not text.strip() or text.startswith(DOCUMENT) or _COMMENT.match(text):
                continue
            if text.startswith("#") and ("=" in text or len(text.split()) > len(UNIVERSAL)):
                continue
            tabs = "\t" in text.strip()
            count = len(text.split("\t") if tabs else text.split())
            if universal and count == len(UNIVERSAL):
                return _Form(names=UNIVERSAL, tabs=tabs, universal=True)
            if universal or count < 2:
                raise TunesmithError(
                    "data.unreadable",
                    f"the first word stands in a line of {count} column{'s' if count != 1 else ''}",
                    place=Place(file=path, line=number),
                    found=text[:60],
                    allowed=("ten columns, parted by tabs",) if universal else ("a word and its tag",),
                    hint="a .conllu file has ten columns; name other files .conll"
                    if universal
                    else "write the tag behind the word, parted by a blank or a tab",
                )
            between = [f"column{place}" for place in range(2, count)]
            return _Form(names=(WORDS, *between, TAGS), tabs=tabs, universal=False)
    return None
