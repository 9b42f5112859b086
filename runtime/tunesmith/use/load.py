"""A run's model, ready to answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import guarded
from tunesmith.catalog import Catalog
from tunesmith.contracts.task import Facts, TaskRuntime
from tunesmith.errors import Place, TunesmithError
from tunesmith.job.job import Job
from tunesmith.runs.folder import RunFolder
from tunesmith.runs.frozen import read_frozen, require_project

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel

_NOT_THERE = ("job.cannot-import", "model.not-found")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRun:
    """`checkpoint` is the one whose weights `model` carries; `notes` name damaged ones that were skipped."""

    run: RunFolder
    job: Job
    facts: Facts
    task: TaskRuntime
    model: LoadedModel
    catalog: Catalog
    checkpoint: Path
    notes: tuple[str, ...] = ()


def read_facts(run: RunFolder) -> Facts:
    """What the run's training rows said.

    Raises TunesmithError run.nothing-learnt where it never got so far, and run.damaged-facts.
    """
    from tunesmith.train.assemble import facts_from_json

    try:
        return facts_from_json(guarded.decode(run.content("facts.json")))
    except FileNotFoundError:
        raise nothing_learnt(run) from None
    except (OSError, guarded.DamagedFileError) as error:
        raise TunesmithError(
            "run.damaged-facts",
            f"facts.json is damaged, so what the model's outputs mean is not known: {error}",
            place=Place(file=run.path / "facts.json"),
            hint="resume the run: it writes the file anew",
        ) from error


def nothing_learnt(run: RunFolder) -> TunesmithError:
    """The error for a run that has no checkpoint yet."""
    return TunesmithError(
        "run.nothing-learnt",
        f"the run {run.id} has no checkpoint yet, so there is no model to use",
        place=Place(file=run.path),
        found=f"status {run.state().status}",
        hint=f"look at `tunesmith log {run.id}`, then `tunesmith resume {run.id}`",
    )


def choose_checkpoint(run: RunFolder, wanted: str = "best") -> tuple[Path, tuple[str, ...]]:
    """The checkpoint that `best`, `newest` or `step-N` means, verified, and notes on damaged ones passed over.

    Raises run.nothing-learnt, run.no-such-checkpoint, or run.damaged-checkpoint where a step was asked for by name.
    """
    from tunesmith.train.checkpoint import newest_good, verify

    there = run.checkpoints()
    if not there:
        raise nothing_learnt(run)
    by_name = {folder.name: folder for folder in there}
    if wanted not in ("best", "newest"):
        if wanted not in by_name:
            allowed = ("best", "newest", *by_name)
            raise TunesmithError("run.no-such-checkpoint", "no such checkpoint", found=wanted, allowed=allowed)
        verify(by_name[wanted])
        return by_name[wanted], ()
    notes: list[str] = []
    best = run.state().best
    name = f"step-{best['step']}" if wanted == "best" and best else ""
    if name in by_name:
        try:
            verify(by_name[name])
        except TunesmithError as error:
            notes.append(f"the best checkpoint, {name}, is damaged, so another one is used: {error.problem.message}")
        else:
            return by_name[name], ()
    found, errors = newest_good(there)
    if found is None:
        raise errors[0]
    notes += [f"a damaged checkpoint was passed over: {error.problem.place}" for error in errors]
    return found, tuple(notes)


def load_run(run: RunFolder, *, checkpoint: str = "best", trusted: bool = True) -> LoadedRun:
    """The run's task and model with the weights of a checkpoint (`best`, `newest` or `step-N`), on the CPU, for use.

    A model of the user's own code is imported only if `trusted`.
    """
    catalog = Catalog()
    folder, notes = choose_checkpoint(run, checkpoint)
    job, facts = read_frozen(run, catalog), read_facts(run)
    from tunesmith.train.assemble import assemble
    from tunesmith.train.base import base_of, refuse_other_base
    from tunesmith.train.checkpoint import load_weights, values_of
    from tunesmith.train.own_state import AroundState
    from tunesmith.train.project_code import code_changed, project_modules, sources

    try:
        assembled = assemble(job, facts, catalog, tokenizer_json=run.tokenizer_json(), trusted=trusted)
    except TunesmithError as error:
        if error.code in _NOT_THERE:
            require_project(run, job)
        raise
    refuse_other_base(values_of(folder).get("base"), base_of(assembled), folder)
    module = assembled.model.module
    load_weights(folder, module, around=AroundState(module=module, modules=project_modules(job)))
    module.eval()
    if (changed := code_changed(run.object_in("environment.json"), sources(job))) is not None:
        notes = (*notes, changed.message)
    return LoadedRun(
        run=run,
        job=job,
        facts=facts,
        task=assembled.task,
        model=assembled.model,
        catalog=catalog,
        checkpoint=folder,
        notes=notes,
    )


def before_tuning(loaded: LoadedRun, *, trusted: bool = True) -> LoadedRun:
    """The same with the model as it was before its first step."""
    from tunesmith.train.assemble import assemble

    tokenizer = loaded.run.tokenizer_json()
    assembled = assemble(loaded.job, loaded.facts, loaded.catalog, tokenizer_json=tokenizer, trusted=trusted)
    assembled.model.module.eval()
    return replace(loaded, task=assembled.task, model=assembled.model)
