"""Makes data/hangul.csv: the 11,172 syllables of Korean writing, letter by letter, and their spelling in Latin letters.

Both are those of the Unicode Standard, which comes with Python. Run: python prepare.py
"""

import csv
import unicodedata
from pathlib import Path

FIRST, LAST = 0xAC00, 0xD7A3
BEGINNINGS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
ENDINGS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")


def main() -> None:
    """Write a row a syllable: of 한 its letters `ㅎㅏㄴ`, and `han`."""
    target = Path(__file__).parent / "data" / "hangul.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["korean", "latin"])
        for number in range(LAST - FIRST + 1):
            rest, ending = divmod(number, len(ENDINGS))
            beginning, vowel = divmod(rest, len(VOWELS))
            letters = BEGINNINGS[beginning] + VOWELS[vowel] + ENDINGS[ending]
            name = unicodedata.name(chr(FIRST + number)).removeprefix("HANGUL SYLLABLE ")
            writer.writerow([letters, name.lower()])


if __name__ == "__main__":
    main()
