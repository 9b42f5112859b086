"""Makes data/hangul.csv: the 11,172 syllables of Korean writing, and how each is spelt in Latin letters.

The spellings are those of the Unicode Standard, which comes with Python. A syllable is written as the two or three
letters that it is made of, as many keyboards and files write it (Unicode calls that NFD). Run: python prepare.py
"""

import csv
import unicodedata
from pathlib import Path

FIRST, LAST = 0xAC00, 0xD7A3


def main() -> None:
    """Write a row a syllable: `한` as its letters, and `han`."""
    target = Path(__file__).parent / "data" / "hangul.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["korean", "latin"])
        for number in range(FIRST, LAST + 1):
            syllable = chr(number)
            name = unicodedata.name(syllable).removeprefix("HANGUL SYLLABLE ")
            writer.writerow([unicodedata.normalize("NFD", syllable), name.lower()])


if __name__ == "__main__":
    main()
