"""The token file of a server that was killed is seen to be stale; that of one that runs is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server_client import serving
from server_loopback import listening
from tunesmith.errors import TunesmithError
from tunesmith.runs.process import Process
from tunesmith.server.transport.token_file import USUAL, make_room, remove_stale, withdraw, write_token_file


def of_a_killed_server(path: Path) -> None:
    """As a server leaves it that gets SIGKILL."""
    code = "import sys, os, signal; from pathlib import Path\n"
    code += "from tunesmith.server.transport.token_file import write_token_file\n"
    code += "write_token_file(Path(sys.argv[1]), 1, 'old'); os.kill(os.getpid(), signal.SIGKILL)"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode != 0
    assert json.loads(path.read_text())["token"] == "old"


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_the_next_server_removes_the_token_file_of_one_that_was_killed(tmp_path):
    of_a_killed_server(tmp_path / "server.json")
    with listening(tmp_path) as server:
        assert server.told["token"] != "old"
    of_a_killed_server(tmp_path / USUAL)
    with serving(tmp_path):
        assert not (tmp_path / USUAL).exists()


def test_two_servers_do_not_share_a_token_file(tmp_path):
    path = tmp_path / "server.json"
    write_token_file(path, 1, "mine")
    with pytest.raises(TunesmithError) as raised:
        make_room(path)
    assert raised.value.code == "server.token-file-in-use"
    remove_stale(path)
    withdraw(path, "of another server")
    assert json.loads(path.read_text())["token"] == "mine"
    withdraw(path, "mine")
    assert not path.exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"process": 1}', '{"process": {"pid": "x", "started": null, "host": ""}}', "[" * 30_000],
)
def test_a_file_that_is_none_is_neither_removed_nor_in_the_way(text, tmp_path):
    path = tmp_path / "server.json"
    path.write_text(text, encoding="utf-8")
    make_room(path)
    withdraw(path, "mine")
    assert path.read_text(encoding="utf-8") == text


def test_the_server_of_another_machine_is_not_known_to_be_gone(tmp_path):
    path = tmp_path / "server.json"
    write_token_file(path, 1, "mine")
    told = json.loads(path.read_text())
    gone = Process(pid=2**22 + 1, started=1.0, host="another")
    path.write_text(json.dumps({**told, "process": gone.to_mapping()}))
    remove_stale(path)
    assert path.exists()
