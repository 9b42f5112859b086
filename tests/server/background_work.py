"""What the helper processes do in test_background.py: stands on their import path by PYTHONPATH."""

import os
import sys
import time
from pathlib import Path

from tunesmith.errors import InvalidJob, Place, Problem


def double(number):
    return 2 * number


def pid():
    return os.getpid()


def loaded(module):
    __import__("jedi")
    return module in sys.modules


def import_path():
    return sys.path


def shout():
    print("this goes to standard output")
    sys.stdout.flush()
    return sys.stdin.read()


def die():
    os._exit(7)


def fall():
    raise ZeroDivisionError("a bug")


def complain(file):
    place = Place(file=Path(file), line=3, column=4, key="data.train")
    raise InvalidJob([Problem(code="data.missing-file", message="none", place=place, allowed=("a", "b"), hint="look")])


def work(started, seconds):
    """Touch the file `started`, then compute without a pause."""
    Path(started).write_text(str(os.getpid()))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))
    return "done"


def large(size):
    return "x" * size
