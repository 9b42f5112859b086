"""`tunesmith log RUN`: what the worker printed, and what it prints from now on."""

from __future__ import annotations

import argparse
import codecs
import io
import json
import os
import sys
import time
from pathlib import Path

from tunesmith.cli.parts import run_choice
from tunesmith.files import OddFileError, open_regular
from tunesmith.runs.folder import odd_file

HELP = "print a run's log; --follow goes on until the run ends"
POLL_S = 0.25
BLOCK = 1 << 16


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument("--follow", "-f", action="store_true", help="go on until the run ends")
    run_choice.add_json(parser, "print the run's events as JSON lines instead")


def run(arguments: argparse.Namespace) -> int:
    """Print the log, or the events."""
    found = run_choice.found_run(arguments)

    def over() -> bool:
        return not arguments.follow or found.state().ended

    if arguments.json:
        from tunesmith.runs.damage import of_events
        from tunesmith.runs.events import follow

        for event in follow(found.events_file, over, poll_s=POLL_S):
            print(json.dumps(event, ensure_ascii=False), flush=True)
        for problem in of_events(found):
            run_choice.note(str(problem))
        return 0
    printed = _Printed(found.log_file)
    while True:
        last = over()
        printed.go_on()
        if last:
            return 0
        time.sleep(POLL_S)


class _Printed:
    """How far the log is printed. It is UTF-8 whatever the terminal speaks; a line drawn anew begins a line here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)

    def go_on(self) -> None:
        """Print what is new. Raises TunesmithError run.odd-file."""
        try:
            with open_regular(self._path, inside=self._path.parent) as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset = 0  # somebody emptied it
                file.seek(self._offset)
                while block := file.read(BLOCK):
                    sys.stdout.write(self._decoder.decode(block))
                    self._offset += len(block)
        except FileNotFoundError:
            return
        except OddFileError as error:
            raise odd_file(self._path, error) from error
        sys.stdout.flush()
