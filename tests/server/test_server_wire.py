"""Frames and outbox: any bytes in, no exception out; a client that does not read holds nobody up."""

from __future__ import annotations

import asyncio
import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.server.transport.outbox import Outbox
from tunesmith.server.transport.wire import LARGEST_HEADERS, Fault, Frames, framed

BODIES = st.lists(st.binary(max_size=200), max_size=6)


def fed(frames, data, cuts):
    """What comes out when `data` arrives in pieces."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [item for begin, end in itertools.pairwise(edges) for item in frames.feed(data[begin:end])]


@given(BODIES, st.lists(st.integers(0, 10_000), max_size=20))
def test_messages_come_out_whole_however_they_are_cut(bodies, cuts):
    assert fed(Frames(), b"".join(map(framed, bodies)), cuts) == bodies


@given(st.binary(max_size=2000), st.lists(st.integers(0, 10_000), max_size=20))
def test_garbage_raises_nothing_and_is_bounded(data, cuts):
    frames = Frames(largest_body=100)
    fed(frames, data, cuts)
    assert len(frames._buffer) <= LARGEST_HEADERS + 1000


@given(st.binary(max_size=300).filter(lambda data: b"ontent" not in data.lower()))
def test_after_garbage_lines_the_next_message_is_read(data):
    found = list(Frames().feed(data + b"\r\n\r\n" + framed(b"{}")))
    assert found[-1] == b"{}"
    assert all(isinstance(item, Fault) for item in found[:-1])


def test_a_message_that_is_too_large_is_skipped_without_being_kept():
    frames = Frames(largest_body=10)
    found = list(frames.feed(b"Content-Length: 100000\r\n\r\n"))
    for _ in range(100):
        found += frames.feed(b"x" * 1000)
        assert len(frames._buffer) == 0
    found += frames.feed(framed(b"{}"))
    assert [type(item) for item in found] == [Fault, bytes]
    assert not found[0].fatal


def test_headers_in_any_case_and_with_others_beside_them_are_understood():
    data = b"content-TYPE: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:2\n\r\n{}"
    assert list(Frames().feed(data)) == [b"{}"]


@pytest.mark.asyncio
async def test_a_client_that_does_not_read_holds_nobody_up_and_one_that_went_is_noticed():
    may_write, written = threading.Event(), []

    def write(data):
        assert may_write.wait(30)
        if b"gone" in data:
            raise BrokenPipeError
        written.append(data)

    outbox = Outbox(write)
    outbox.send(b"first")
    outbox.send(b"second")
    await asyncio.sleep(0)
    assert outbox.pending == 11
    may_write.set()
    await asyncio.wait_for(outbox.below(1), 30)
    assert b"".join(written) == b"firstsecond"
    outbox.send(b"gone")
    await asyncio.wait_for(outbox.below(1), 30)
    outbox.send(b"never")
    assert outbox.gone
    assert outbox.pending == 0
    await outbox.close(patience_s=1)
