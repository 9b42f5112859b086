"""What all tests share: real text and a tiny model."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from real_workers import ForkServer
from support import LIBRARY, docstrings

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


MAKE_TINY = """
import csv, sys
from pathlib import Path
import torch
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertModel, BertTokenizerFast
data, folder = Path(sys.argv[1]), Path(sys.argv[2])
tokenizer = BertWordPieceTokenizer()
texts = [row["doc"] for row in csv.DictReader(data.open(encoding="utf-8", newline=""))]
tokenizer.train_from_iterator(texts, vocab_size=600, show_progress=False)
tokenizer.save_model(str(folder))
BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
torch.manual_seed(0)
config = BertConfig(vocab_size=600, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
                    max_position_embeddings=128, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1)
BertModel(config).save_pretrained(folder)
"""


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory, library_csv: Path) -> Path:
    """A folder with a BERT of 2 layers, 32 wide, dropout on, random weights and a tokenizer of the library's text."""
    folder = tmp_path_factory.mktemp("tiny-bert")
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TINY, str(library_csv), str(folder)], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="session")
def workers() -> Iterator[ForkServer]:
    """Starts real workers by fork."""
    server = ForkServer()
    yield server
    server.close()
