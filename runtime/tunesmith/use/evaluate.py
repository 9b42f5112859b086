"""Measuring a run's model on its held-out rows once more."""

from __future__ import annotations

from functools import partial

from tunesmith.data.features import Features
from tunesmith.data.load import load_data
from tunesmith.data.rows import Rows
from tunesmith.explain.report import Measured, about_run, write_reports
from tunesmith.runs.comparison import data_warnings
from tunesmith.runs.folder import RunFolder
from tunesmith.train.assemble import Assembled, project_cache
from tunesmith.train.build import judging_features
from tunesmith.train.device import usable_device
from tunesmith.use.load import before_tuning, load_run
from tunesmith.use.predict import answers_of_rows, outputs_for


def measure(run: RunFolder, *, checkpoint: str = "best", trusted: bool = True) -> tuple[str, ...]:
    """Write the run's report anew from its data as it is now; returns notes on damaged checkpoints passed over.

    Raises what loading the run or its data raises.
    """
    state = run.state()
    loaded = load_run(run, checkpoint=checkpoint, trusted=trusted)
    memory = project_cache(loaded.job.folder) / "fingerprints.json"
    data = load_data(loaded.job, loaded.catalog, trusted=trusted, memory=memory)
    asked = before_tuning(loaded, trusted=trusted) if loaded.task.asks_untuned(learnt=False) else loaded
    untuned = Assembled(job=asked.job, facts=asked.facts, task=asked.task, model=asked.model)
    device = usable_device(loaded.job.device)

    def features_of(rows: Rows) -> Features:
        return judging_features(untuned, rows, data.fingerprint, device=device)

    parts = {}
    for name, rows in (("validation", data.validation), ("test", data.test)):
        if rows is not None and len(rows):
            features = features_of(rows)
            outputs = outputs_for(loaded, features)
            parts[name] = Measured.of(loaded.task, rows, features, outputs, partial(answers_of_rows, loaded))
    write_reports(
        run.report_folder,
        job=loaded.job,
        facts=loaded.facts,
        task=loaded.task,
        parts=parts,
        series_folder=run.series_folder,
        about=about_run(data, loaded.model),
        nothing_learnt=state.nothing_learnt,
        doubts=[*data_warnings(run), *state.doubts],
    )
    return loaded.notes
