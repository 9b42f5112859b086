"""The feature cache: whole or not at all, whoever builds it and whoever dies over it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tunesmith.data import cache
from tunesmith.data.cache import cached, cached_in_parts, entry_name, trim
from tunesmith.data.features import Features, Ragged
from tunesmith.files import remove_stale

KEY = {"rows": "abc", "window": 128, "nested": {"b": 1, "a": (1, 2)}}


def made() -> Features:
    offsets = np.array([0, 3, 3, 7], dtype=np.int64)
    return {
        "input_ids": Ragged(np.arange(7, dtype=np.int32), offsets),
        "target": np.array([1.5, -2.0, np.nan], dtype=np.float32),
        "image": np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4),
        "none": Ragged(np.empty(0, dtype=np.uint16), np.zeros(4, dtype=np.int64)),
    }


def same(found: Features) -> bool:
    def arrays(features: Features) -> list[np.ndarray]:
        return [
            array
            for _, value in sorted(features.items())
            for array in ((value.values, value.offsets) if isinstance(value, Ragged) else (value,))
        ]

    return list(found) == list(made()) and all(
        one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()
        for one, two in zip(arrays(found), arrays(made()), strict=True)
    )


def never() -> Features:
    raise AssertionError("the cache should have had it")


BUILDER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_data_cache import KEY, made, same
from tunesmith.data.cache import cached
def build():
    print("building", flush=True)
    sys.stdin.readline()
    return made()
print(same(cached(Path({folder!r}), KEY, build)), flush=True)
"""

KILLER = """
import os, signal, sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_data_cache import KEY, made, same
from tunesmith.data.cache import cached
calls = 0
def counted(function, kill_at):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return call
for kill_at in range(1, 100):
    child = os.fork()  # a fork, not a new interpreter: the imports are paid for once
    if child == 0:
        for module, name in ((os, "fsync"), (os, "rename"), (os, "replace"), (os, "mkdir"), (np, "save")):
            setattr(module, name, counted(getattr(module, name), kill_at))
        os._exit(0 if same(cached(Path({folder!r}) / str(kill_at), KEY, made)) else 1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status, flush=True)
    if status != -signal.SIGKILL:
        break
"""


def builder(folder: Path) -> subprocess.Popen[str]:
    program = BUILDER.format(tests=str(Path(__file__).parent), folder=str(folder))
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_features_are_built_once_and_come_back_mapped_read_only_and_equal(tmp_path: Path) -> None:
    assert same(cached(tmp_path / "cache", KEY, made))
    found = cached(tmp_path / "cache", dict(reversed(KEY.items())), never)
    assert same(found)
    image = found["image"]
    assert isinstance(image, np.ndarray)
    assert not image.flags.writeable
    assert isinstance(image.base, np.memmap)
    with pytest.raises(AssertionError, match="should have had it"):
        cached(tmp_path / "cache", {**KEY, "window": 129}, never)


def test_two_processes_that_build_at_once_both_end_with_a_good_entry(tmp_path: Path) -> None:
    with builder(tmp_path) as one, builder(tmp_path) as two:
        for process in (one, two):
            assert process.stdout
            assert process.stdout.readline() == "building\n"  # both are inside their build now
        for process in (one, two):
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        answers = [process.communicate()[0] for process in (one, two)]
    assert answers == ["True\n", "True\n"]
    assert [item.name for item in tmp_path.iterdir()] == [entry_name(KEY)]
    assert same(cached(tmp_path, KEY, never))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_builder_killed_at_any_instant_leaves_nothing_or_a_whole_entry(tmp_path: Path) -> None:
    program = KILLER.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    statuses = [int(line) for line in done.stdout.split()]
    assert len(statuses) > 15
    assert statuses == [-signal.SIGKILL] * (len(statuses) - 1) + [0]  # killed at every call until none was left
    for kill_at in range(1, len(statuses) + 1):
        whole = (tmp_path / str(kill_at) / entry_name(KEY)).exists()
        assert same(cached(tmp_path / str(kill_at), KEY, never if whole else made))
        if not whole:
            assert same(cached(tmp_path / str(kill_at), KEY, never))


@pytest.mark.parametrize("name", ["manifest.json", *(f"{index}.npy" for index in range(6))])
def test_a_flipped_or_missing_byte_anywhere_is_found_and_built_again(tmp_path: Path, name: str) -> None:
    cached(tmp_path, KEY, made)
    path = tmp_path / entry_name(KEY) / name
    good = path.read_bytes()
    for position in (0, len(good) // 2, len(good) - 1):
        content = bytearray(path.read_bytes())
        content[position] ^= 0x10
        path.write_bytes(content)
        built: list[int] = []

        def build(built: list[int] = built) -> Features:
            built.append(1)
            return made()

        assert same(cached(tmp_path, KEY, build))
        assert built
    path.write_bytes(path.read_bytes()[: len(good) // 2])
    assert same(cached(tmp_path, KEY, made))
    assert path.read_bytes() == good
    path.unlink()
    assert same(cached(tmp_path, KEY, made))
    assert same(cached(tmp_path, KEY, never))


def test_arrays_in_use_survive_the_replacement_of_their_entry(tmp_path: Path) -> None:
    found = cached(tmp_path, KEY, made)
    (tmp_path / entry_name(KEY) / "manifest.json").write_text("damaged")
    cached(tmp_path, KEY, made)
    assert same(found)


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    old, young = tmp_path / f".a.{'1' * 32}.tmp", tmp_path / f".b.{'2' * 32}.tmp"
    for folder in (old, young):
        folder.mkdir()
        (folder / "0.npy").write_bytes(b"x")
    before = time.time() - 100_000
    for item in (old / "0.npy", old, young):
        os.utime(item, (before, before))  # the file in `young` was written just now
    cached(tmp_path, KEY, made)
    assert not old.exists()
    assert young.exists()
    remove_stale(tmp_path, older_s=-1)
    assert not young.exists()


def test_a_builder_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        cached(tmp_path, KEY, never)
    with pytest.raises(ValueError, match="Object arrays"):
        cached(tmp_path, KEY, lambda: {"x": np.array([object()])})
    assert list(tmp_path.iterdir()) == []


COUNT = 100


def rows_from(begin: int, end: int) -> Features:
    """Row n has n % 5 values; a feature `odd` where a row from 40 to 59 is among them."""
    lengths = np.arange(begin, end) % 5
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    values = np.concatenate([np.full(row % 5, row, np.int32) for row in range(begin, end)])
    features: Features = {
        "input_ids": Ragged(values, offsets),
        "target": np.arange(begin, end, dtype=np.float32).reshape(-1, 1) / 7,
    }
    if begin < 60 and end > 40:
        odd = ((values >= 40) & (values < 60)).astype(np.uint8)
        features = {**features, "odd": Ragged(odd, offsets)}
    return features


def not_odd(name: str, features: Features) -> Ragged:
    assert name == "odd"
    ids = features["input_ids"]
    assert isinstance(ids, Ragged)
    return Ragged(np.zeros(len(ids.values), np.uint8), ids.offsets)


def files_of(entry: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in entry.iterdir()}


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred rows are many: the first part is three of them, the others take 80 bytes."""
    monkeypatch.setattr(cache, "FEW_ROWS", 20)
    monkeypatch.setattr(cache, "FIRST_ROWS", 3)
    monkeypatch.setattr(cache, "PART_BYTES", 80)


def test_many_rows_are_made_in_parts_and_are_the_same_files_byte_for_byte(tmp_path: Path, many: None) -> None:
    asked, told = [], []

    def build(begin: int, end: int) -> Features:
        asked.append((begin, end))
        return rows_from(begin, end)

    found = cached_in_parts(tmp_path / "parts", KEY, COUNT, build, left_out=not_odd, made=told.append)
    cached(tmp_path / "whole", KEY, lambda: rows_from(0, COUNT))
    assert len(asked) > 5
    assert asked[0] == (0, 3)
    assert [end for _, end in asked] == told == [*(begin for begin, _ in asked[1:]), COUNT]
    assert list(found) == ["input_ids", "target", "odd"]
    name = entry_name(KEY)
    assert [file.name for file in (tmp_path / "parts").iterdir()] == [name]  # the parts are gone
    assert files_of(tmp_path / "parts" / name) == files_of(tmp_path / "whole" / name)
    cached_in_parts(tmp_path / "parts", KEY, COUNT, lambda begin, end: never(), left_out=not_odd)


def test_parts_that_were_made_are_not_made_again(tmp_path: Path, many: None) -> None:
    def failing(begin: int, end: int) -> Features:
        if end > 50:
            raise KeyboardInterrupt
        return rows_from(begin, end)

    asked = []

    def build(begin: int, end: int) -> Features:
        asked.append(begin)
        return rows_from(begin, end)

    with pytest.raises(KeyboardInterrupt):
        cached_in_parts(tmp_path, KEY, COUNT, failing, left_out=not_odd)
    found = cached_in_parts(tmp_path, KEY, COUNT, build, left_out=not_odd)
    assert 30 < min(asked) <= 50
    whole = rows_from(0, COUNT)
    assert np.array_equal(np.asarray(found["target"]), np.asarray(whole["target"]))
    assert [list(found["odd"][row]) for row in range(COUNT)] == [list(whole["odd"][row]) for row in range(COUNT)]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "{tests}")
from tunesmith.data import cache
from test_data_cache import COUNT, KEY, not_odd, rows_from
cache.FEW_ROWS, cache.FIRST_ROWS, cache.PART_BYTES = 20, 3, 80
def build(begin, end):
    print(begin, end, flush=True)
    if begin >= int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return rows_from(begin, end)
cache.cached_in_parts(Path("cache"), KEY, COUNT, build, left_out=not_odd, made=lambda rows: print("so far", rows))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_a_process_killed_among_the_parts_is_gone_on_with_where_it_was(tmp_path: Path) -> None:
    program = KILLED.format(tests=Path(__file__).parent.as_posix())

    def until(row: int) -> list[str]:
        command = [sys.executable, "-c", program, str(row)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout.splitlines()

    first = until(40)
    last_begin = int(first[-1].split()[0])
    assert last_begin >= 40
    again = until(COUNT)
    assert again[0] == first[-1]  # what it was in the middle of
    assert [int(line.split()[-1]) for line in again if line.startswith("so far")] == [
        int(line.split()[1]) for line in again if not line.startswith("so far")
    ]
    cached(tmp_path / "whole", KEY, lambda: rows_from(0, COUNT))
    name = entry_name(KEY)
    assert files_of(tmp_path / "cache" / name) == files_of(tmp_path / "whole" / name)


def test_trim_removes_what_was_not_used_for_longest(tmp_path: Path) -> None:
    keys = [{"n": number} for number in range(3)]
    for age, key in enumerate(keys):
        cached(tmp_path, key, made)
        manifest = tmp_path / entry_name(key) / "manifest.json"
        os.utime(manifest, (1_000_000 + age, 1_000_000 + age))
    cached(tmp_path, keys[0], never)  # used again: now the youngest
    size = sum(file.stat().st_size for file in (tmp_path / entry_name(keys[0])).iterdir())
    assert trim(tmp_path, limit_bytes=3 * size + 100) == []
    assert trim(tmp_path, limit_bytes=size + size // 2) == [entry_name(keys[1]), entry_name(keys[2])]
    assert same(cached(tmp_path, keys[0], never))
