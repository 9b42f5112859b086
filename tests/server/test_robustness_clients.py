"""Several clients of one real server at once: none of them can spoil the others' day, whatever becomes of it."""

from __future__ import annotations

import random
import threading

import psutil
import pytest

from server_client import RefusedError, eventually
from server_loopback import listening

MEGABYTE = 1 << 20
SLOW = "import time\nwhile True: time.sleep(0.01)\n"
SLOW_JOB = "task: text-classification\nmodel: all-MiniLM-L6-v2\ndata: {train: 'slow:rows'}\n"


def write_slow_job(folder):
    """A job whose check never ends, for it imports code that never ends."""
    (folder / "slow.py").write_text(SLOW)
    (folder / "slow.job.yaml").write_text(SLOW_JOB)


def test_two_clients_ask_and_edit_at_once_and_each_gets_its_own_answers(tmp_path):
    with listening(tmp_path, patience=300) as server:
        clients = [server.client(tmp_path) for _ in range(2)]
        failures = []

        def work(client, name):
            try:
                uri = (tmp_path / f"{name}.job.yaml").as_uri()
                document = {"uri": uri, "languageId": "yaml", "version": 0, "text": ""}
                client.tell("textDocument/didOpen", {"textDocument": document})
                for version in range(1, 200):
                    text = f"task: text-classification\nmodel: {name}-{version}\nseed: \n"
                    identity = {"uri": uri, "version": version}
                    client.tell(
                        "textDocument/didChange", {"textDocument": identity, "contentChanges": [{"text": text}]}
                    )
                    if version % 20 == 0:
                        found = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
                        assert f"{name}-{version}" in str(found), found
                        assert client.ask("tunesmith/runs")["runs"] == []
                told = eventually(
                    lambda: [
                        each
                        for each in client.heard("textDocument/publishDiagnostics")
                        if each["version"] == 199 and each["uri"] == uri
                    ]
                )
                assert told
                others = {each["uri"] for each in client.heard("textDocument/publishDiagnostics")} - {uri}
                assert others == set(), "nobody hears of another's texts"
            except BaseException as error:  # noqa: BLE001 - told by the test's own thread
                failures.append(error)

        threads = [
            threading.Thread(target=work, args=(client, name)) for client, name in zip(clients, "ab", strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []


def test_a_client_that_vanishes_takes_its_work_with_it_and_nothing_else(tmp_path):
    write_slow_job(tmp_path)
    with listening(tmp_path, patience=300) as server:
        steady = server.client(tmp_path)
        process = psutil.Process(server.process.pid)
        steady.ask("tunesmith/runs")
        for _ in range(3):
            leaving = server.client(tmp_path, trusted=True)
            numbers = [leaving.begin("tunesmith/check", {"job": "slow.job.yaml"}) for _ in range(5)]
            eventually(lambda: process.children(recursive=True))
            assert not any(number in leaving.answers for number in numbers)
            leaving.vanish()
            assert steady.ask("tunesmith/runs")["runs"] == []
        # what was begun for the lost clients is over: the next one's check has the helper to itself
        follower = server.client(tmp_path, trusted=True)
        assert follower.ask("tunesmith/check", {"job": "none.job.yaml"})["ok"] is False


def test_a_client_that_vanishes_within_a_message_is_not_missed(tmp_path):
    with listening(tmp_path, patience=300) as server:
        steady = server.client(tmp_path)
        for cut in (b"Content-Length: 100", b'Content-Length: 100\r\n\r\n{"jsonrpc"', b"\r\n\r\n"):
            leaving = server.client(tmp_path)
            leaving.raw(cut)
            leaving.vanish()
            assert steady.ask("tunesmith/queue")["parallel"] == 1


def test_a_client_that_reads_nothing_costs_bounded_memory_and_nobody_elses_time(tmp_path):
    with listening(tmp_path, patience=300) as server:
        steady = server.client(tmp_path)
        greedy = server.client(tmp_path)
        steady.ask("tunesmith/catalog")
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        greedy.stop_reading()
        sending = threading.Thread(target=flood, args=(greedy,), daemon=True)
        sending.start()
        peak = 0
        for _ in range(100):
            assert steady.ask("tunesmith/queue")["parallel"] == 1
            peak = max(peak, process.memory_info().rss)
        assert peak - before < 96 * MEGABYTE
        greedy.vanish()
        sending.join(300)
        assert steady.ask("tunesmith/queue")["parallel"] == 1


def flood(client):
    """Ask for the largest answer that there is until nothing goes through any more."""
    try:
        for _ in range(20_000):
            client.begin("tunesmith/catalog")
    except (OSError, ValueError):
        return


def test_connections_that_say_nothing_keep_nobody_out(tmp_path):
    with listening(tmp_path, patience=300) as server:
        silent = [server.connect() for _ in range(200)]
        client = server.client(tmp_path)
        assert client.ask("tunesmith/runs")["runs"] == []
        for each in silent:
            each.close()


def test_random_noise_beside_a_client_at_work_changes_nothing_for_it(tmp_path):
    randomly = random.Random(7)
    with listening(tmp_path, patience=300) as server:
        steady = server.client(tmp_path)
        for _ in range(30):
            with server.connect() as noise:
                try:
                    noise.sendall(randomly.randbytes(randomly.randint(1, 5000)))
                    assert noise.recv(100) == b""
                except ConnectionError:
                    pass
            assert steady.ask("tunesmith/queue")["parallel"] == 1


def test_trust_of_one_client_is_not_that_of_another(tmp_path):
    write_slow_job(tmp_path)
    with listening(tmp_path, patience=300) as server:
        trusted, careful = server.client(tmp_path, trusted=True), server.client(tmp_path)
        number = trusted.begin("tunesmith/check", {"job": "slow.job.yaml"})
        trusted.tell("$/cancelRequest", {"id": number})
        with pytest.raises(RefusedError) as caught:
            trusted.answer(number)
        assert caught.value.number == -32800
        told = careful.ask("tunesmith/check", {"job": "slow.job.yaml"})
        assert "job.untrusted" in [problem["code"] for problem in told["problems"]]
