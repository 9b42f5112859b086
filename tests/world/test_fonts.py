"""Letters that no installed font has are told, not drawn as boxes in silence."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tunesmith.explain.curves import Curve
from tunesmith.explain.drawing import as_png, drawing, font_note, new_figure, noting_missing_letters
from tunesmith.explain.report import _draw
from tunesmith.judged import Judged, Matrix

NOBODYS = "\ue8ff"  # of the private use area: no font of a system draws it


def picture(title: str) -> bytes:
    with drawing():
        figure = new_figure(2, 1)
        figure.suptitle(title)
        return as_png(figure)


def test_letters_without_a_font_are_named_in_the_report(tmp_path: Path) -> None:
    labels = (f"label {NOBODYS}", "x")
    blocks = [Matrix(name=name, title="", labels=[name], counts=np.eye(1, dtype=np.int64)) for name in labels]
    judged = Judged(headline="", blocks=blocks)
    curves: dict[str, Curve] = {}
    drawn, notes = _draw(tmp_path, judged, curves, "f1", pictures=True)
    assert drawn == [f"{label}.png" for label in labels]
    assert notes == [font_note({NOBODYS})]
    assert "fonts-noto-cjk" in notes[0]


def test_nothing_is_said_where_all_letters_are_there_and_other_warnings_stay() -> None:
    with noting_missing_letters() as missing:
        picture("label é")
        with pytest.warns(UserWarning, match="something else"), drawing():
            warnings.warn("something else", stacklevel=1)
    assert missing == set()
