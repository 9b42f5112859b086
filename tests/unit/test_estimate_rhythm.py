"""How often a run evaluates and saves, counted, against the loop's own rule asked at every step."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from task_parts import job
from tunesmith.estimate.rhythm import rhythm
from tunesmith.options import Interval
from tunesmith.train.loop import Loop

INTERVALS = st.one_of(
    st.builds(Interval, st.integers(1, 40), st.just("steps")),
    st.builds(Interval, st.sampled_from([0.1, 0.25, 0.3, 0.5, 1, 1.5, 2]), st.just("epochs")),
)


def asked_at_every_step(every, steps, steps_per_epoch):
    """The steps at which the loop itself would say that something is due."""
    loop = SimpleNamespace(plan=SimpleNamespace(steps_per_epoch=steps_per_epoch), progress=SimpleNamespace(step=0))
    found = set()
    for step in range(1, steps + 1):
        loop.progress.step = step
        if Loop._due(loop, every, 0.0):
            found.add(step)
    return found


def with_rhythms(evaluate, save):
    plain = job("text-classification")
    return replace(
        plain,
        evaluation=replace(plain.evaluation, every=evaluate),
        checkpoints=replace(plain.checkpoints, every=save),
    )


@settings(max_examples=300, deadline=None)
@given(evaluate=INTERVALS, save=INTERVALS, steps=st.integers(1, 200), steps_per_epoch=st.integers(1, 60))
def test_evaluations_and_checkpoints_are_those_that_the_loop_makes(evaluate, save, steps, steps_per_epoch):
    said = rhythm(
        with_rhythms(evaluate, save), steps=steps, steps_per_epoch=steps_per_epoch, training_s=None, validates=True
    )
    evaluations = asked_at_every_step(evaluate, steps, steps_per_epoch) | {steps}
    saves = asked_at_every_step(save, steps, steps_per_epoch) | evaluations
    assert (said.evaluations, said.checkpoints) == (len(evaluations), len(saves))


def test_without_validation_rows_nothing_is_evaluated():
    said = rhythm(
        with_rhythms(Interval(1, "steps"), Interval(5, "steps")),
        steps=10,
        steps_per_epoch=10,
        training_s=None,
        validates=False,
    )
    assert (said.evaluations, said.checkpoints) == (0, 2)


@pytest.mark.parametrize(("training_s", "checkpoints"), [(None, 1), (100.0, 1), (600.0, 10)])
def test_rhythms_in_minutes_follow_the_time_that_training_takes(training_s, checkpoints):
    said = rhythm(
        with_rhythms(Interval(100, "epochs"), Interval(1, "minutes")),
        steps=1000,
        steps_per_epoch=1000,
        training_s=training_s,
        validates=True,
    )
    assert (said.evaluations, said.checkpoints) == (1, max(checkpoints, 1) + (training_s == 100.0))


def test_rhythms_of_every_step_of_a_very_long_run_are_counted_at_once():
    said = rhythm(
        with_rhythms(Interval(1, "steps"), Interval(1, "steps")),
        steps=10**12,
        steps_per_epoch=10**9,
        training_s=None,
        validates=True,
    )
    assert (said.evaluations, said.checkpoints) == (10**12, 10**12)
