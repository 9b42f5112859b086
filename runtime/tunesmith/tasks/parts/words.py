"""The words of a text with the characters at which they stand: the same for every model. No numpy."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

_ALONE = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
"""Scripts that put no blanks between words: each character is taken for a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Word w of `text` stands from character `begins[w]` to before `ends[w]`."""

    text: str
    begins: Sequence[int]
    ends: Sequence[int]

    def __len__(self) -> int:
        return len(self.begins)

    def __getitem__(self, word: int) -> str:
        return self.text[self.begins[word] : self.ends[word]]


def words_in(text: str) -> Words:
    """Runs of letters, digits and their marks are words; so is every other sign that is not blank."""
    found = [match.span() for match in _pattern().finditer(text)]
    return Words(text=text, begins=[begin for begin, _ in found], ends=[end for _, end in found])


def words_joined(words: Sequence[str]) -> Words:
    """Words that the data part already, as a text with a blank between them."""
    begins, ends, at = [], [], 0
    for word in words:
        begins.append(at)
        at += len(word)
        ends.append(at)
        at += 1
    return Words(text=" ".join(words), begins=begins, ends=ends)


@cache
def _pattern() -> re.Pattern[str]:
    marks = _marks()
    return re.compile(rf"[{_ALONE}][{marks}]*|(?:(?![{_ALONE}])[\w{marks}])+|[^\w\s]")


def _marks() -> str:
    """Accents and vowel signs, which belong to the letter before them, as ranges of a character class."""
    ranges: list[list[int]] = []
    for code in (*range(0x300, 0x1F000), *range(0xE0100, min(0xE01F0, sys.maxunicode))):
        if unicodedata.category(chr(code))[0] == "M" or code in (0x200C, 0x200D):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
