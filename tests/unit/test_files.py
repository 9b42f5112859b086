"""Files that somebody else may have put there: only regular ones are opened, at once, and nothing is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from odd_files import bound_socket, circle, device, folder, nothing, pipe
from tunesmith.files import OddFileError, names_in, open_handle, open_regular, read_regular, real_path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes and devices among its files")
HANDLES = Path("/proc/self/fd")
ODD = {pipe: "a pipe", device: "a device", bound_socket: "a socket", folder: "a folder"}


@pytest.mark.parametrize("make", ODD)
def test_what_is_no_file_is_named_at_once(make, tmp_path):
    make(tmp_path / "data.csv")
    with pytest.raises(OddFileError, match=f"data.csv is {ODD[make]}, not a file"):
        open_regular(tmp_path / "data.csv")


@pytest.mark.parametrize("make", [pipe, device, bound_socket, folder, circle, nothing])
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR | os.O_CREAT])
def test_in_a_folder_nothing_is_followed_and_nothing_made_elsewhere(make, flags, tmp_path):
    make(tmp_path / "state.json")
    with pytest.raises(OddFileError, match=r"state\.json is a (pipe|link|socket|folder), not a file"):
        open_handle(tmp_path / "state.json", flags, inside=tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("inside", [True, False])
def test_a_circle_of_links_is_an_error_like_any_other(inside, tmp_path):
    circle(tmp_path / "a")
    with pytest.raises(OSError, match="a"):
        open_regular(tmp_path / "a", inside=tmp_path if inside else None)
    assert real_path(tmp_path / "a" / "b").name == "b"


@pytest.mark.parametrize("depth", [1, 2])
def test_no_folder_on_the_way_may_be_a_link(depth, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "step-1").mkdir(parents=True)
    (elsewhere / "step-1" / "secret").write_text("secret")
    run = tmp_path / "run"
    run.mkdir()
    if depth == 1:
        (run / "checkpoints").symlink_to(elsewhere)
    else:
        (run / "checkpoints").mkdir()
        (run / "checkpoints" / "step-1").symlink_to(elsewhere / "step-1")
    with pytest.raises(OddFileError, match="is a link, not a folder"):
        read_regular(run / "checkpoints" / "step-1" / "secret", inside=run, most=100)
    with pytest.raises(OddFileError, match="is a link, not a folder"):
        names_in(run / "checkpoints" / "step-1", inside=run)


def test_the_folder_itself_may_be_reached_over_a_link(tmp_path):
    (tmp_path / "run" / "series").mkdir(parents=True)
    (tmp_path / "run" / "series" / "loss.bin").write_bytes(b"123")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    link = tmp_path / "link"
    assert read_regular(link / "series" / "loss.bin", inside=link, most=3) == b"123"
    assert names_in(link / "series", inside=link) == ["loss.bin"]
    assert names_in(link / "none", inside=link) == []


def test_no_more_is_read_than_is_good(tmp_path):
    (tmp_path / "a").write_bytes(b"1234")
    assert read_regular(tmp_path / "a", most=4) == b"1234"
    with pytest.raises(OddFileError, match="larger than 3 bytes"):
        read_regular(tmp_path / "a", most=3)
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 40)
    for most in (3, 1_000_000):  # less and more than is read at once
        with pytest.raises(OddFileError, match=f"larger than {most:,} bytes"):
            read_regular(tmp_path / "holes", most=most)


def test_a_link_of_the_users_own_is_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"1234")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_regular(tmp_path / "b", most=4) == b"1234"


@pytest.mark.skipif(not HANDLES.exists(), reason="only Linux lists them")
def test_no_handle_is_left_open(tmp_path):
    pipe(tmp_path / "pipe")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link").symlink_to("/etc")
    before = len(list(HANDLES.iterdir()))
    for path in ("pipe", "a", "a/link", "a/link/passwd", "none/none"):
        with pytest.raises(OSError, match=r"[a-z]"):
            open_regular(tmp_path / path, inside=tmp_path)
    assert len(list(HANDLES.iterdir())) == before
