"""Measuring a run's model on its held-out rows once more."""

from __future__ import annotations

from functools import partial

from tunesmith.data.load import load_data
from tunesmith.explain.report import Measured, write_reports
from tunesmith.runs.comparison import data_warnings
from tunesmith.runs.folder import RunFolder
from tunesmith.use.load import load_run
from tunesmith.use.predict import answers_of_rows, features_and_outputs


def measure(run: RunFolder, *, checkpoint: str = "best", trusted: bool = True) -> tuple[str, ...]:
    """Write the run's report anew from its data as it is now; returns notes on damaged checkpoints passed over.

    Raises what loading the run or its data raises.
    """
    state = run.state()
    loaded = load_run(run, checkpoint=checkpoint, trusted=trusted)
    data = load_data(loaded.job, loaded.catalog, trusted=trusted, fingerprinted=False)
    parts = {}
    for name, rows in (("validation", data.validation), ("test", data.test)):
        if rows is not None and len(rows):
            features, outputs = features_and_outputs(loaded, rows)
            parts[name] = Measured.of(loaded.task, rows, features, outputs, partial(answers_of_rows, loaded))
    write_reports(
        run.report_folder,
        job=loaded.job,
        facts=loaded.facts,
        task=loaded.task,
        parts=parts,
        series_folder=run.series_folder,
        division=data.division,
        nothing_learnt=state.nothing_learnt,
        doubts=[*data_warnings(run), *state.doubts],
    )
    return loaded.notes
