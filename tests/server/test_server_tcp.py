"""The server on the loopback interface: only for who holds the token, for several clients at once."""

from __future__ import annotations

import json
import stat

import pytest

from server_client import RefusedError, eventually
from server_loopback import listening


def test_the_token_file_is_its_owners_alone(tmp_path):
    with listening(tmp_path) as server:
        assert stat.S_IMODE(server.token_file.stat().st_mode) == 0o600
        assert len(server.told["token"]) >= 32
        assert server.told["host"] == "127.0.0.1"


def test_two_clients_with_the_token_are_served_at_once(tmp_path):
    with listening(tmp_path) as server:
        first, second = server.client(tmp_path, trusted=True), server.client(tmp_path, trusted=False)
        assert first.ask("tunesmith/runs") == second.ask("tunesmith/runs")
        first.ask("shutdown")
        first.tell("exit")
        eventually(lambda: first.ended)
        with pytest.raises(RefusedError):
            second.ask("tunesmith/nothing")
        assert second.ask("tunesmith/queue")["parallel"] == 1


def framed(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def initialize(**options):
    params = {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": options}
    return framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})


@pytest.mark.parametrize(
    "first",
    [
        initialize(),
        initialize(token=""),
        initialize(token="a" * 43),
        initialize(token=7),
        framed({"jsonrpc": "2.0", "id": 1, "method": "tunesmith/runs", "params": {}}),
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"Content-Length: 2000000\r\n\r\n" + b" " * 2_000_000,
    ],
    ids=["no token", "empty token", "wrong token", "no text", "another request", "WebSocket", "POST", "TLS", "huge"],
)
def test_who_does_not_begin_with_the_token_is_dropped_without_a_word(tmp_path, first):
    with listening(tmp_path) as server:
        with server.connect() as stream:
            answer = b""
            try:
                stream.sendall(first)
                answer = stream.recv(1000)
            except ConnectionError:
                pass
            assert answer == b""
        assert server.client(tmp_path).ask("tunesmith/queue")["parallel"] == 1
