"""The frame of every picture: matplotlib without a window, colours that colour-blind readers can tell apart.

matplotlib is imported only when something is drawn, and its settings are changed for the time of the drawing only.
"""

from __future__ import annotations

import io
import os
import re
import sys
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import missing_extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito, "Color Universal Design", 2008
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#999999"

_OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", "SimHei")


SOME_LETTERS = 10
_MISSING: ContextVar[set[str] | None] = ContextVar("missing letters", default=None)


def plots_available() -> bool:
    """Whether pictures can be drawn here."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


@contextmanager
def _not_in_the_project() -> Iterator[None]:
    """The working folder is one of ours while matplotlib is imported, where the user's has a `matplotlibrc`.

    matplotlib reads that file before any other, and what it names is the project's: `text.usetex` starts programs, a
    pipe is waited for.
    """
    if "matplotlib" in sys.modules or not os.path.lexists("matplotlibrc"):
        yield
        return
    before = Path.cwd()
    os.chdir(Path(__file__).parent)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def drawing() -> Iterator[None]:
    """matplotlib's defaults and ours while the block runs, whatever its user (or a callable of the job) has set.

    Raises TunesmithError env.missing-extra where matplotlib is missing.
    """
    try:
        with _not_in_the_project():
            import matplotlib
            from matplotlib import font_manager
    except ImportError as error:
        raise missing_extra("plots", "matplotlib", "drawing pictures") from error
    installed = {font.name for font in font_manager.fontManager.ttflist}
    settings: Any = {  # the type of its keys is a list of all of matplotlib's settings
        "font.family": ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in installed)],
        "text.parse_math": False,  # a label such as `$5 to $10` is no formula
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
        "figure.dpi": 120,
    }
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        warnings.filterwarnings("always", message="Glyph .* missing from")
        shown, missing = warnings.showwarning, _MISSING.get()

        def show(message: Warning | str, *more: Any, **named: Any) -> None:
            glyph = re.match(r"Glyph (\d+) .*missing from", str(message))
            if glyph is None:
                shown(message, *more, **named)
            elif missing is not None:
                missing.add(chr(int(glyph[1])))

        warnings.showwarning = show  # catch_warnings puts the old one back
        yield


@contextmanager
def noting_missing_letters() -> Iterator[set[str]]:
    """The letters for which no installed font has a shape, of all that is drawn while the block runs."""
    found: set[str] = set()
    token = _MISSING.set(found)
    try:
        yield found
    finally:
        _MISSING.reset(token)


def font_note(missing: Collection[str]) -> str:
    """The note about letters that the pictures show as empty boxes."""
    some = "".join(sorted(missing)[:SOME_LETTERS])
    return (
        f"the pictures show empty boxes for {len(missing)} letters ({some}): no font here has them. Install one, such "
        "as Noto Sans CJK (package fonts-noto-cjk) for Chinese, Japanese and Korean, then tunesmith report."
    )


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, bound to no window system and to no global list of figures."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def as_png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file."""
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()
