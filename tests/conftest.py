"""What all tests share: real text and a tiny model."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from real_workers import ForkServer
from support import LIBRARY, docstrings, save_bert

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Two tests side by side with two threads each spend most of their time waiting for one another.
os.environ["OMP_NUM_THREADS"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write recorded values anew instead of comparing")


@pytest.fixture(scope="session")
def library_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Docstrings of the standard library with their subject: columns `doc` and `subject`."""
    path = tmp_path_factory.mktemp("data") / "library.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["doc", "subject"])
        seen: set[str] = set()
        for text, label in docstrings(LIBRARY):
            if text not in seen:
                seen.add(text)
                writer.writerow([text[:300], label])
    return path


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory, library_csv: Path) -> Path:
    """A folder with a small BERT that reads 128 tokens, and a tokenizer of the library's text."""
    from tokenizers import BertWordPieceTokenizer

    folder = tmp_path_factory.mktemp("tiny-bert")
    tokenizer = BertWordPieceTokenizer()
    with library_csv.open(encoding="utf-8", newline="") as file:
        texts = [row["doc"] for row in csv.DictReader(file)]
    tokenizer.train_from_iterator(texts, vocab_size=600, show_progress=False)
    tokenizer.save_model(str(folder))
    save_bert(folder, folder / "vocab.txt", max_position_embeddings=128)
    return folder


@pytest.fixture(scope="session")
def workers() -> Iterator[ForkServer]:
    """Starts real workers by fork."""
    server = ForkServer()
    yield server
    server.close()
