"""The work on an edit grows with the job's length and not with its square: lines of Python are counted, not time."""

import pytest

from editor_marks import CATALOG, HOME, completion, findings
from support import lines_run
from tunesmith.server.editor.formatting import formatted
from tunesmith.server.editor.outline import folds, symbols
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.semantic_tokens import tokens
from tunesmith.server.editor.shape import View

COLUMNS, TIMES = 100, 4
LAYOUTS = {
    "a line": lambda names: f"[{', '.join(names)}]",
    "a line each in brackets": lambda names: "[\n    " + ",\n    ".join(names) + "\n  ]",
    "a dash each": lambda names: "".join(f"\n    - {name}  # kept" for name in names),
}
WORK = {
    "reading": scan,
    "findings": findings,
    "formatting": formatted,
    "outline": lambda text: (symbols(scan(text)), list(folds(scan(text)))),
    "colours": lambda text: tokens(View(tree=scan(text), catalog=CATALOG, home=HOME)),
    "completion": lambda text: completion(text + "training: {lo|}\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("work", WORK)
def test_work_on_a_list_of_columns_grows_with_its_length(work, layout):
    def job(columns):
        listed = LAYOUTS[layout]([f"column_{number}" for number in range(columns)])
        return f"task: regression\nmodel: scratch\ndata:\n  train: a.csv\n  columns: {listed}\n  target: y\n"

    WORK[work](job(1))  # what is imported and kept is so before it is counted
    small, large = (lines_run(WORK[work], job(columns)) for columns in (COLUMNS, TIMES * COLUMNS))
    assert large < 1.35 * TIMES * small + 500
