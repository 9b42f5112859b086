"""Pictures follow no setting of the project, nor of the code that a job has run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tunesmith.explain.drawing import as_png, drawing, new_figure
from tunesmith.python_process import code_command

DRAW = """
import hashlib, os
from tunesmith.explain.drawing import as_png, drawing, new_figure
before = os.getcwd()
with drawing():
    figure = new_figure(2, 1)
    figure.suptitle("a title")
    print(hashlib.sha256(as_png(figure)).hexdigest())
assert os.getcwd() == before
"""


def drawn_in(folder: Path) -> str:
    done = subprocess.run(
        code_command(DRAW),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_matplotlibrc_of_the_working_folder_is_not_read(tmp_path: Path) -> None:
    plain, settings, pipe = tmp_path / "plain", tmp_path / "settings", tmp_path / "pipe"
    for folder in (plain, settings, pipe):
        folder.mkdir()
    (settings / "matplotlibrc").write_text("text.usetex: True\nfigure.facecolor: red\n", encoding="utf-8")
    os.mkfifo(pipe / "matplotlibrc")  # whoever opens it waits for ever
    assert drawn_in(plain) == drawn_in(settings) == drawn_in(pipe)


def test_settings_that_code_of_the_job_has_made_change_no_picture_and_stay() -> None:
    import matplotlib

    def picture() -> bytes:
        with drawing():
            figure = new_figure(2, 1)
            figure.suptitle("a title")
            return as_png(figure)

    usual = picture()
    with matplotlib.rc_context({"figure.facecolor": "red", "text.color": "blue", "axes.grid": False}):
        assert picture() == usual
        assert matplotlib.rcParams["figure.facecolor"] == "red"
