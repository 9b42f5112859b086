"""Measuring a run's model on its held-out rows once more."""

from __future__ import annotations

from tunesmith.data.load import load_data
from tunesmith.explain.report import write_report
from tunesmith.runs.folder import RunFolder
from tunesmith.train.evaluate import figures_of
from tunesmith.use.load import load_run
from tunesmith.use.predict import features_and_outputs


def measure(run: RunFolder, *, checkpoint: str = "best", trusted: bool = True) -> tuple[str, ...]:
    """Write the run's report anew from its data as it is now; returns notes on damaged checkpoints passed over.

    Raises what loading the run or its data raises.
    """
    state = run.state()
    loaded = load_run(run, checkpoint=checkpoint, trusted=trusted)
    data = load_data(loaded.job, loaded.catalog, trusted=trusted)
    for part, rows in (("", data.validation), ("test", data.test)):
        if rows is None or not len(rows):
            if part:
                continue
            features, outputs, metrics = None, None, {}
        else:
            features, outputs = features_and_outputs(loaded, rows)
            metrics = figures_of(loaded.task, outputs, features)
        write_report(
            run.report_folder / part,
            job=loaded.job,
            facts=loaded.facts,
            task=loaded.task,
            outputs=outputs,
            features=features,
            rows=rows,
            metrics=metrics,
            series_folder=run.series_folder,
            nothing_learnt=state.nothing_learnt,
            doubts=state.doubts,
        )
    return loaded.notes
