# ruff: noqa: D103
"""Servers that go wrong, each in one way: `python misbehaving.py WAY`. Real processes, standard library only."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

INCOMING, OUTGOING = sys.stdin.buffer, sys.stdout.buffer


def receive():
    length = 0
    while line := INCOMING.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return json.loads(INCOMING.read(length)) if length else sys.exit(0)


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    OUTGOING.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    OUTGOING.flush()


def scream(text):
    OUTGOING.write(text.encode())
    OUTGOING.flush()


def complain(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def greet(version=1):
    request = receive()
    about = {"protocolVersion": version, "version": "0.9", "python": sys.executable, "pid": os.getpid(), "log": "",
             "trusted": False, "methods": []}  # fmt: skip
    send({"id": request["id"], "result": {"capabilities": {"experimental": {"tunesmith": about}}}})
    receive()  # initialized


def answer_everything(result=None):
    while True:
        request = receive()
        if "id" in request:
            send({"id": request["id"], "result": result or {}})


def hang():
    while True:
        time.sleep(60)


def crash_at_once():
    complain("Traceback: no module named torch")
    sys.exit(7)


def crash_once_then_serve():
    """The first process dies in the middle of a request; those after it are well."""
    greet()
    mark = Path(sys.argv[2])
    if mark.exists():
        answer_everything()
    receive()
    mark.touch()
    complain("out of luck")
    os._exit(9)


def another_version():
    greet(version=99)
    hang()


def never_greets():
    complain("importing everything there is")
    hang()


def hangs_later():
    greet()
    complain("deadlocked")
    hang()


def prints_before_and_between():
    """What libraries do: banners on stdout, even on one line with a header and in place of a message."""
    scream("Welcome to the library!\n\n")
    greet()
    scream("warning: this is deprecated")
    send({"method": "tunesmith/queueChanged", "params": {"queue": {"parallel": 3}}})
    scream("Content-Length: 9\r\n\r\nnot json!")
    answer_everything({"parallel": 2})


def only_garbage():
    while True:
        scream("\x00\x01 garbage " * 100)


def only_newlines():
    while True:
        scream("\n" * 1000)


def promises_too_much():
    scream("Content-Length: 99999999999\r\n\r\n")
    hang()


def floods():
    """As many notifications as the pipe takes, and an answer to each request between them."""
    import threading

    greet()
    asked = []
    threading.Thread(target=lambda: [asked.append(receive()) for _ in iter(int, 1)], daemon=True).start()
    number = 0
    while True:
        for _ in range(200):
            number += 1
            send({"method": "tunesmith/logAppended", "params": {"run": "flood", "text": "x" * 200, "offset": number}})
        while asked:
            request = asked.pop(0)
            if "id" in request:
                send({"id": request["id"], "result": {"parallel": 1}})


def counts():
    """As many notifications as asked for (`parallel` of the request), in order, then the answer."""
    greet()
    while True:
        request = receive()
        if "id" in request:
            for number in range(request["params"].get("parallel", 0)):
                send({"method": "tunesmith/logAppended", "params": {"run": "r", "text": "", "offset": number}})
            send({"id": request["id"], "result": {}})


def floods_its_log():
    greet()
    for number in range(100_000):
        complain(f"line {number} " + "y" * 100)
    os.write(2, b"a line without end " * 1000)
    os._exit(3)


def leaves_a_child_that_holds_its_streams():
    greet()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]):
        os._exit(5)


def refuses():
    request = receive()
    problem = {"code": "env.broken", "message": "torch is broken", "hint": "pip install torch"}
    send({"id": request["id"], "error": {"code": -32803, "message": "torch is broken", "data": problem}})
    hang()


def answers_nonsense():
    """Answers of a wrong shape, numbers that are none, and a request to the client."""
    greet()
    send({"id": "mine", "method": "client/registerCapability", "params": {}})
    while True:
        request = receive()
        if request.get("method") == "tunesmith/queue":
            send({"id": request["id"], "result": {"parallel": "many"}})
        elif request.get("method") == "tunesmith/series":
            curve = {"name": "loss", "low": ["NaN", 1, "-Infinity"], "high": ["Infinity"], "new": {"of": "later"}}
            send({"id": request["id"], "result": {"run": "r", "curves": [curve]}})
        elif request.get("id") == "mine":
            complain(f"refused with {request['error']['code']}")
        elif "id" in request:
            send({"id": request["id"], "result": None})


def is_slow():
    """Reports progress, and answers only that it was cancelled, once it was."""
    greet()
    waiting = None
    while True:
        request = receive()
        if request.get("method") == "$/cancelRequest":
            send({"id": waiting, "error": {"code": -32800, "message": "cancelled"}})
            complain(f"cancelled {request['params']['id']}")
        elif "id" in request:
            waiting = request["id"]
            token = request["params"].get("workDoneToken")
            if token:
                value = {"kind": "report", "message": "reading data", "percentage": 40}
                send({"method": "$/progress", "params": {"token": token, "value": value}})


RUN = {"id": "r", "name": "r", "path": "r", "status": "running"}
EMPTY_LOG = {"run": "r", "text": "", "offset": 0, "end": 0, "size": 0}


def has_a_run(answers):
    """Answers about one run; `answers` are functions of the request by method."""
    greet()
    usual = {"start": {"run": RUN}, "run": {"run": RUN}, "subscribe": {"run": "r"}, "log": EMPTY_LOG}
    while True:
        request = receive()
        name = request.get("method", "").removeprefix("tunesmith/")
        if name in answers:
            answers[name](request)
        elif "id" in request:
            send({"id": request["id"], "result": usual.get(name, {})})


def answers_late():
    """Tells that the run stopped, and only then answers the request to stop it: with how it stood before."""
    now, asked = dict(RUN), []

    def stop(request):
        asked.append(request["id"])
        now["status"] = "stopped"
        send({"method": "tunesmith/runChanged", "params": {"run": now}})

    def run(request):
        """Whoever stopped the run at once may have begun to listen only then: he hears of it all the same."""
        send({"id": request["id"], "result": {"run": now}})

    def log(request):
        send({"id": asked.pop(), "result": {"run": RUN}})
        send({"id": request["id"], "result": EMPTY_LOG})

    has_a_run({"command": stop, "log": log, "run": run})


def forgets_the_run():
    def run(request):
        send({"id": request["id"], "error": {"code": -32803, "message": "there is no such run"}})

    has_a_run({"run": run})


def dies_while_telling():
    """The first process dies behind four pieces of a log; the next goes on where it is told to."""
    mark = Path(sys.argv[2])

    def subscribe(request):
        send({"id": request["id"], "result": {"run": "r"}})
        for end in range(request["params"]["logOffset"] + 1, 5):
            send(
                {"method": "tunesmith/logAppended", "params": {"run": "r", "text": "x", "offset": end - 1, "end": end}}
            )
        if not mark.exists():
            mark.touch()
            os._exit(9)

    has_a_run({"subscribe": subscribe})


def prints_much():
    """As soon as somebody hears of it, more lines than anybody keeps, and the end."""

    def subscribe(request):
        send({"id": request["id"], "result": {"run": "r"}})
        for end in range(1, 1_001):
            send(
                {"method": "tunesmith/logAppended", "params": {"run": "r", "text": "x", "offset": end - 1, "end": end}}
            )
        send({"method": "tunesmith/runChanged", "params": {"run": {**RUN, "status": "finished"}}})

    has_a_run({"subscribe": subscribe})


if __name__ == "__main__":
    globals()[sys.argv[1]]()
