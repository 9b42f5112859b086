"""`tunesmith log RUN`: what the worker printed, and what it prints from now on."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tunesmith.cli import _runs

HELP = "print a run's log; --follow goes on until the run ends"
POLL_S = 0.25
BLOCK = 1 << 16


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    _runs.add_run(parser)
    parser.add_argument("--follow", "-f", action="store_true", help="go on until the run ends")
    _runs.add_json(parser, "print the run's events as JSON lines instead")


def run(arguments: argparse.Namespace) -> int:
    """Print the log, or the events."""
    found = _runs.found_run(arguments)

    def over() -> bool:
        return not arguments.follow or found.state().ended

    if arguments.json:
        from tunesmith.runs.events import follow

        for event in follow(found.events_file, over, poll_s=POLL_S):
            print(json.dumps(event, ensure_ascii=False), flush=True)
        return 0
    offset = 0
    while True:
        last = over()
        offset = _copy(found.log_file, offset)
        if last:
            return 0
        time.sleep(POLL_S)


def _copy(path: Path, offset: int) -> int:
    """Print what is new behind `offset`; returns the new offset."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while block := file.read(BLOCK):
                sys.stdout.buffer.write(block)
                offset += len(block)
    except FileNotFoundError:
        return offset
    sys.stdout.buffer.flush()
    return offset
