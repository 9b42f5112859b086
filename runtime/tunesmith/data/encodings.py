"""Which encoding a text file is in: by its mark, as UTF-8, or by how plausible its bytes read in another.

A file that is not UTF-8 is read in the encoding in which its characters are the usual ones of one script, and only
where no other reads nearly as well; else charset-normalizer is asked, where there is enough text for it. What was
found, and how the first such text reads, is reported, and the user can name it: `data.encoding`.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import Place, Problem, TunesmithError

AUTO = "auto"
SAMPLE = 1 << 18
"""Bytes that are looked at, from the first that is not ASCII on."""
BLOCK = 1 << 20
SURE, AHEAD = 0.85, 0.15
"""The share of usual characters from which a reading is believed, and how far it must lead."""
MANY_SYLLABLES = 8
ENOUGH = 20
"""Different characters that charset-normalizer needs."""
GARBLED = 0.1
"""UTF-8 with fewer wrong bytes than this share of the bytes above ASCII is UTF-8 with damaged rows."""
SHOWN = 60

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "gb18030": "GB18030 (GBK)",
    "big5hkscs": "Big5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "cp949": "Korean (cp949)",
    "cp1252": "Western (cp1252)",
    "cp1250": "Central European (cp1250)",
    "cp1251": "Cyrillic (cp1251)",
    "utf-16-le": "UTF-16 without a byte-order mark",
    "utf-16-be": "UTF-16 without a byte-order mark",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """`codec` is Python's name. `guess` is how the first text beyond ASCII reads, where the codec was guessed."""

    codec: str
    guess: str = ""

    @property
    def name(self) -> str:
        """As a user knows it."""
        return _NAMES.get(self.codec, self.codec.upper())

    def problems(self, path: Path) -> list[Problem]:
        """What the user must know: that this was a guess, and how to settle it."""
        if not self.guess:
            return []
        return [
            Problem(
                code="data.guessed-encoding",
                message=f"the file is not UTF-8; it is read as {self.name}",
                place=Place(file=path),
                found=self.guess,
                hint=f"look whether this is the text; write `encoding: {self.codec}` under `data:` to settle it",
                severity="warning",
            )
        ]


UTF_8 = Encoding(codec="utf-8")


def encoding_of(path: Path, chosen: str = AUTO, *, if_not_utf8: str = AUTO) -> Encoding:
    """The encoding of a text file: as `chosen` (any name that Python knows), or found; a mark at its start comes first.

    `if_not_utf8` is taken without a guess where the file is not UTF-8. Raises data.unknown-encoding where several
    encodings would do.
    """
    with path.open("rb") as file:
        start = file.read(4)
        for mark, codec in _MARKS:
            if start.startswith(mark):
                return Encoding(codec=codec)
        if chosen != AUTO:
            return Encoding(codec=codecs.lookup(chosen).name)
        file.seek(0)
        sample = _first_beyond_ascii(file.read)
    if b"\0" in sample:
        wide = _without_mark(sample)
        return Encoding(codec=wide, guess=_excerpt(sample.decode(wide, "replace"))) if wide else UTF_8
    if sample.isascii() or _is_utf8(sample):
        return UTF_8
    return _guessed(path, sample) if if_not_utf8 == AUTO else Encoding(codec=codecs.lookup(if_not_utf8).name)


def _first_beyond_ascii(read: Callable[[int], bytes]) -> bytes:
    """The part of a file that decides, from the start of a line; all of its beginning where it is ASCII alone."""
    before = b""
    while block := read(BLOCK):
        if not block.isascii() or b"\0" in block:
            found = before[before.rfind(b"\n") + 1 :] + block
            at = re.search(rb"[\x80-\xff\0]", found)
            begin = found.rfind(b"\n", 0, at.start()) + 1 if at else 0
            if b"\0" in found[: begin + SAMPLE]:
                begin = 0
            rest = found[begin:]
            return (rest + read(SAMPLE) if len(rest) < SAMPLE else rest)[:SAMPLE]
        before = block[-SAMPLE:]
    return before


def _without_mark(sample: bytes) -> str | None:
    """UTF-16 by its zero bytes: those of ASCII stand at every other place."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    codec = "utf-16-le" if odd > 10 * even else "utf-16-be" if even > 10 * odd else None
    if codec is None or max(even, odd) * 50 < len(sample):
        return None
    if sample.isascii() and max(even, odd) * 4 < len(sample):  # bytes of other scripts are not all below 128
        return None
    try:
        sample[: len(sample) // 2 * 2 - 2].decode(codec)
    except UnicodeDecodeError:
        return None
    return codec


def _is_utf8(sample: bytes) -> bool:
    """Whether these bytes are UTF-8, a few damaged ones aside (they become bad rows)."""
    high = len(sample) - len(sample.translate(None, bytes(range(0x80, 0x100))))
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)  # its end may be cut
    wrong = len(re.findall("[\udc80-\udcff]", text))
    return wrong <= GARBLED * high


def _guessed(path: Path, sample: bytes) -> Encoding:
    readings = {codec: text for codec in _USUAL if (text := _decoded(sample, codec)) is not None}
    scores = {codec: _plausible(text, codec) for codec, text in readings.items()}
    order = sorted(scores, key=lambda codec: -scores[codec])
    best = _best(order, scores, readings)
    if best is not None:
        return Encoding(codec=best, guess=_excerpt(readings[best]))
    asked = _guessed_by_content(sample)
    if asked is not None:
        return Encoding(codec=asked, guess=_excerpt(sample.decode(asked, "replace")))
    candidates = "; ".join(f"{codec}: {_excerpt(readings[codec])}" for codec in order[:4])
    raise TunesmithError(
        "data.unknown-encoding",
        "the file is not UTF-8, and several encodings would do",
        place=Place(file=path),
        found=candidates or f"byte 0x{next(byte for byte in sample if byte > 0x7F):02X}",
        hint="write the right one under `data:`, such as `encoding: gb18030`, or save the file as UTF-8",
    )


def _best(order: Sequence[str], scores: Mapping[str, float], readings: Mapping[str, str]) -> str | None:
    """The encoding whose reading is believed, if there is one."""
    near = [codec for codec in order if scores[codec] >= SURE and scores[codec] > scores[order[0]] - AHEAD]
    if near and all(readings[codec] == readings[near[0]] for codec in near):
        return near[0]
    if set(near) == {"cp1252", "cp1250"}:
        # both have nearly the same letters: those of Czech come with carons that both have, Polish has signs in words
        text = readings["cp1250"]
        czech = re.search("[šžŠŽ]", text) and re.search("[ěčřů]", text)
        return "cp1250" if czech or re.search(r"[ąłź]|\wż\w", text) else "cp1252"
    syllables = {sign for sign in readings.get("cp949", "") if "\uac00" <= sign <= "\ud7a3"}
    # Hangul stands where the first half of the usual Chinese characters does: a text of these alone is Korean
    return "cp949" if scores.get("cp949", 0) == 1 and len(syllables) >= MANY_SYLLABLES else None


def _decoded(sample: bytes, codec: str) -> str | None:
    """The sample as text, its cut end aside; None where it is none in this encoding."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        return decoder.decode(sample)
    except UnicodeDecodeError:
        return None


def _plausible(text: str, codec: str) -> float:
    """The share of different characters beyond ASCII that are usual ones of the encoding's script."""
    signs = Counter(sign for sign in text if sign > "\x7f")
    if not signs:
        return 0.0
    usual = _USUAL[codec]
    return sum(usual(sign, text) for sign in signs) / len(signs)


def _guessed_by_content(sample: bytes) -> str | None:
    """charset-normalizer's answer, where there is enough for it and the sample is text in that encoding."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample).best()
    text = None if found is None else _decoded(sample, found.encoding)
    if found is None or text is None:
        return None
    return found.encoding if len({sign for sign in text if sign > "\x7f"}) >= ENOUGH else None


def _excerpt(text: str) -> str:
    """The first text beyond ASCII, with a little before it."""
    at = re.search("[^\x00-\x7f]", text)
    begin = max(text.rfind("\n", 0, at.start()) + 1, at.start() - SHOWN // 3) if at else 0
    return " ".join(text[begin : begin + SHOWN].split())


_PUNCTUATION = frozenset(
    map(chr, (*range(0x3000, 0x3012), *range(0x2010, 0x2027), *range(0xFF01, 0xFF5F), 0xB7, 0x20AC))
)


def _bytes_between(codec: str, lead: range, low_trail: int = 0xA1) -> Callable[[str, str], bool]:
    """Usual are the two-byte characters of these first bytes, which hold the commoner half of the script."""

    def usual(sign: str, _: str) -> bool:
        coded = sign.encode(codec, "replace")  # an accent that Big5 has only together with its letter
        if len(coded) != 2:
            return False
        return (coded[0] in lead and coded[1] >= low_trail) or sign in _PUNCTUATION

    return usual


def _japanese(codec: str, lead: range, low_trail: int) -> Callable[[str, str], bool]:
    """Kana, and the commoner kanji where there are kana too."""
    kanji = _bytes_between(codec, lead, low_trail)

    def usual(sign: str, text: str) -> bool:
        if "\u3041" <= sign <= "\u30fe":
            return True
        return kanji(sign, text) and re.search("[\u3041-\u30fe]", text) is not None

    return usual


def _letters(letters: str, symbols: str) -> Callable[[str, str], bool]:
    """Usual are these letters within words, and these signs outside of them."""

    def usual(sign: str, text: str) -> bool:
        if sign in symbols:
            return sign not in "²³¹º¿¡" or re.search(f"[^\\W\\dmM]{sign}", text) is None  # m² is no word
        # in a script of its own a letter stands among its like; accented ones stand among plain ones
        near = f"[{letters}]{{0,3}}"
        return sign in letters and re.search(rf"[A-Za-z]{near}{sign}|{sign}{near}[A-Za-z]|\b{sign}\b", text) is not None

    return usual


def _cyrillic(sign: str, text: str) -> bool:
    if sign in _SYMBOLS:
        return True
    beside = re.search(f"[A-Za-z]{sign}|{sign}[A-Za-z]", text)
    return ("\u0410" <= sign <= "\u044f" or sign in "Ёё") and beside is None


_SYMBOLS = "–—‘’‚“”„…€£°§«»·•´©®™½¼²³¹º¡¿\xa0№"
_WESTERN = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŸ"
_CENTRAL = "ÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőöřůúűüýţŠšŚśŤťŽžŹźŁłĄąŞşĽľŻż"

_USUAL: dict[str, Callable[[str, str], bool]] = {
    "gb18030": _bytes_between("gb18030", range(0xB0, 0xD8)),
    "big5hkscs": _bytes_between("big5hkscs", range(0xA4, 0xC7), 0x40),
    "cp949": _bytes_between("cp949", range(0xB0, 0xC9)),
    "cp932": _japanese("cp932", range(0x88, 0x98), 0x40),
    "euc_jp": _japanese("euc_jp", range(0xB0, 0xD0), 0xA1),
    "cp1252": _letters(_WESTERN, _SYMBOLS),
    "cp1250": _letters(_CENTRAL, "–—‘’‚“”„…€°§«»·•©®™\xa0"),
    "cp1251": _cyrillic,
}
"""What is usual in the encodings that spreadsheets write, by codec; the more usual one first."""
