"""A run is a folder: create it, read it, write its state. docs/run-folder.md describes each file."""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple, TypeVar

from tunesmith import guarded
from tunesmith.errors import Place, TunesmithError
from tunesmith.files import (
    OddFileError,
    expanded,
    folder_atomic,
    is_folder,
    is_regular,
    names_in,
    open_handle,
    read_regular,
    real_path,
    remove_stale,
    write_atomic,
)
from tunesmith.runs import events
from tunesmith.runs import state as states
from tunesmith.runs.commands import FolderCommands, request
from tunesmith.runs.process import Process
from tunesmith.runs.recorder import RunRecorder
from tunesmith.runs.series import NAME
from tunesmith.runs.state import RunState, Status
from tunesmith.shortages import is_disk_full

CHECKPOINT = re.compile(r"step-(\d{1,18})")
FOLDERS = ("series", "command", "checkpoints", "report", "export")
TOKENIZER = "tokenizer.json"
MOST_BYTES = 1 << 28  # of a file that is read as a whole
ELSEWHERE = "TUNESMITH_FOLDER"
ID = re.compile(r"\d{8}-\d{6}-[a-z0-9-]+-[0-9a-f]{4,}")

R = TypeVar("R", bound="RunFolder")


class StoredState(NamedTuple):
    """What a run's files say: its state, and of one that is `queued` the worker that was launched last."""

    state: RunState
    launched: Process | None


class RunFolder:
    """A handle on one run, with nothing open. Anyone may read and request; only the holder of the lock writes."""

    def __init__(self, path: Path, *, is_real: bool = False) -> None:
        """`is_real`: nothing in `path` is a link, so that none is looked for."""
        self.path = path if is_real else real_path(path)
        self.id = self.path.name

    def __repr__(self) -> str:
        return f"RunFolder({self.path})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunFolder) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def job_file(self) -> Path:
        return self.path / "job.yaml"

    @property
    def log_file(self) -> Path:
        return self.path / "log.txt"

    @property
    def events_file(self) -> Path:
        return self.path / "events.jsonl"

    @cached_property  # it and the loss are looked up of a thousand runs at once
    def state_file(self) -> Path:
        return self.path / "state.json"

    @property
    def launched_file(self) -> Path:
        return self.path / "launched.json"

    @property
    def series_folder(self) -> Path:
        return self.path / "series"

    @property
    def checkpoints_folder(self) -> Path:
        return self.path / "checkpoints"

    @property
    def report_folder(self) -> Path:
        return self.path / "report"

    @property
    def export_folder(self) -> Path:
        return self.path / "export"

    # --- state

    def state(self) -> RunState:
        """What the run does now: `lost` where its process is gone, from the events where state.json is damaged."""
        return self.as_seen(self.stored_state())

    def as_seen(self, stored: StoredState) -> RunState:
        """The state, where its files say this."""
        return states.as_seen(stored.state, stored.launched, time.time())

    def stored_state(self) -> StoredState:
        """What its files say, whether or not its process still lives."""
        stored = self._stored()
        return StoredState(stored, states.read_launched(self.launched_file) if stored.status == "queued" else None)

    def _stored(self) -> RunState:
        damage = ""
        for _ in range(3):  # on a full disk state.json is written in place: an instant later it is whole
            try:
                return states.decode(read_regular(self.state_file, inside=self.path, most=states.MOST_BYTES))
            except FileNotFoundError:  # noqa: PERF203 - three rounds at most
                damage = "missing"
            except (OSError, guarded.DamagedFileError) as error:
                damage = str(error)
        return states.from_events(events.read(self.events_file), damage)

    def set_state(self, status: Status, **fields: Any) -> RunState:
        """Write the state with `fields` changed (names of RunState; others are kept as `extra`).

        A change of `status` is also an event, and durable. On a full disk the file is overwritten where it stands, so
        that "the disk is full" can still be said. Raises OSError where not even that works.
        """
        before = self._stored()
        if status in states.ACTIVE and "pid" not in fields and (before.pid != os.getpid() or before.status != status):
            fields |= states.at_work(Process.current())  # only the worker says that it is at it
        after = replace(before.changed(status, fields), updated=time.time(), number=before.number + 1)
        turns = before.status != status or bool(before.damage)
        self._write_state(after, durable=turns)
        if before.damage:
            self._say("warning", code="run.damaged-state", message=f"state.json was damaged: {before.damage}")
        if turns:
            self._say("state", **after.to_mapping())
        return after

    def _write_state(self, state: RunState, *, durable: bool) -> None:
        content = states.encode(state)
        try:
            write_atomic(self.state_file, content, durable=durable)
        except OSError as error:
            if not is_disk_full(error) or not self.state_file.exists():
                raise
            with os.fdopen(open_handle(self.state_file, os.O_RDWR, inside=self.path), "r+b") as file:
                file.write(content)
                file.truncate()

    def _say(self, kind: str, **fields: Any) -> None:
        try:
            events.append(self.events_file, events.encode(kind, fields, now=time.time()))
        except OSError as error:
            if not is_disk_full(error):
                raise

    # --- what a run holds

    def series(self) -> list[str]:
        """The names of its series, sorted."""
        found = self._names_in(self.series_folder)
        return [name[:-4] for name in found if name.endswith(".bin") and NAME.fullmatch(name[:-4])]

    def series_file(self, name: str) -> Path:
        return self.series_folder / f"{name}.bin"

    @cached_property
    def loss_file(self) -> Path:
        return self.series_file("loss")

    def duration_s(self) -> float | None:
        """How long it has trained: the seconds of the last whole record of its loss."""
        from tunesmith.runs.series import last_seconds

        return last_seconds(self.loss_file)

    def events(self) -> list[dict[str, Any]]:
        """All events, oldest first (see also `runs.events.current`)."""
        return events.read(self.events_file)

    def checkpoints(self) -> list[Path]:
        """Folders `checkpoints/step-N`, newest first. Its manifest shows whether one is whole."""
        found = [name for name in self._names_in(self.checkpoints_folder) if CHECKPOINT.fullmatch(name)]
        folders = [self.checkpoints_folder / name for name in found]
        return sorted((item for item in folders if is_folder(item)), key=lambda item: int(item.name[5:]), reverse=True)

    def exports(self) -> list[Path]:
        """Folders in `export`, sorted."""
        found = [self.export_folder / name for name in self._names_in(self.export_folder) if not name.startswith(".")]
        return [item for item in found if is_folder(item)]

    def _names_in(self, folder: Path) -> list[str]:
        try:
            return names_in(folder, inside=self.path)
        except OddFileError:  # which `problems` names
            return []

    def content(self, *names: str) -> bytes:
        """What one of its files holds, such as `report`, `metrics.json`. Raises FileNotFoundError, OddFileError."""
        return read_regular(self.path.joinpath(*names), inside=self.path, most=MOST_BYTES)

    def object_in(self, *names: str) -> dict[str, Any]:
        """The JSON object in one of its files, as it was written; empty where there is no such file.

        Raises TunesmithError run.damaged-file.
        """
        try:
            return guarded.decode(self.content(*names))
        except FileNotFoundError:
            return {}
        except (OSError, guarded.DamagedFileError) as error:
            raise damaged_file(self, names, error) from error

    def tokenizer_json(self) -> str | None:
        """The tokenizer that was made for a model trained from scratch; None where there is none.

        Its SHA-256 stands in environment.json. Raises TunesmithError run.damaged-file.
        """
        try:
            content = self.content(TOKENIZER)
            expected = self.object_in("environment.json").get("tokenizer")
            if expected not in (None, guarded.digest_of(content)):
                raise guarded.DamagedFileError("it is not what was written")
            return content.decode()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise damaged_file(self, [TOKENIZER], error) from error

    def job_text(self) -> str:
        """The frozen job. Raises TunesmithError run.no-job, or run.damaged-file where it is not what was written."""
        try:
            return guarded.decode_text(self.content("job.yaml"))
        except FileNotFoundError:
            raise TunesmithError(
                "run.no-job", f"run {self.id} has lost its job.yaml", place=Place(file=self.job_file)
            ) from None
        except (OSError, guarded.DamagedFileError) as error:
            raise damaged_file(self, ["job.yaml"], error) from error

    # --- writing

    def recorder(self, *, after_step: int | None = None, evaluated: bool = True) -> RunRecorder:
        """The worker's pen. `after_step`: go on after this step and cut what was recorded later (-1: begin anew), and
        its own evaluation where it is not `evaluated`."""
        return RunRecorder(self.path, after_step=after_step, evaluated=evaluated)

    def request(self, command: Mapping[str, Any]) -> None:
        """Ask the worker for something; anyone may. Raises TunesmithError run.odd-file."""
        self.refuse_odd_folders()
        request(self.path / "command", command)

    def commands(self) -> FolderCommands:
        """The worker's side of `request`."""
        return FolderCommands(self.path / "command")

    def set_launched(self, process: Process) -> None:
        """Note who was started, so that a worker that dies before its first word is seen as lost."""
        guarded.write_guarded(self.launched_file, process.to_mapping(), durable=False)

    def write_job(self, text: str) -> None:
        """Freeze the job anew."""
        write_atomic(self.job_file, guarded.encode_text(text))

    def refuse_odd_folders(self) -> None:
        """Raises TunesmithError run.odd-file where one of its folders is a link or no folder: whoever writes would
        write elsewhere."""
        for name in FOLDERS:
            refuse_odd_folder(self.path / name, f"{name} of run {self.id}")


HINTS = {
    "job.yaml": "if you changed it yourself, remove its last line, the checksum; else bring it back from a copy",
    "facts.json": "resume the run: it writes the file anew",
    "environment.json": "remove the file to go on without a comparison with what the run ran on",
    "report": "tunesmith report {run} --again measures the model anew and rewrites the report",
}


def odd_file(path: Path, how: Exception | str) -> TunesmithError:
    """The error for a link, a pipe or the like where a file or folder of a run should be."""
    return TunesmithError(
        "run.odd-file",
        f"{how}, so nothing is read from it or written to it",
        place=Place(file=path),
        hint="put a regular file or folder in its place, or remove it",
    )


def refuse_odd_folder(folder: Path, name: str) -> None:
    """Raises TunesmithError run.odd-file where `folder`, called `name`, is there and is a link or no folder."""
    if not is_folder(folder) and os.path.lexists(folder):
        raise odd_file(folder, f"{name} is not a folder of its own")


def damaged_file(run: RunFolder, names: Sequence[str], how: Exception | str) -> TunesmithError:
    """The error for a file of `run` that is not what was written."""
    return TunesmithError(
        "run.damaged-file",
        f"{'/'.join(names)} is damaged: {how}",
        place=Place(file=run.path.joinpath(*names)),
        hint=HINTS.get(names[0], "bring it back from a copy of the run").format(run=run.id),
    )


def runs_root(folder: Path) -> Path:
    """Where the runs of the project in `folder` lie: beside the queue and the trash in `.tunesmith`, or in the folder
    that TUNESMITH_FOLDER names, such as one on a larger disk. A relative name is meant from the project's folder."""
    named = os.environ.get(ELSEWHERE, "").strip()
    return folder / expanded(named or ".tunesmith") / "runs"


def is_elsewhere() -> bool:
    """Whether the user has named a folder for runs; see `runs_root`."""
    return bool(os.environ.get(ELSEWHERE, "").strip())


def create_run(
    root: Path,
    job_yaml: str,
    *,
    name: str | None = None,
    now: float | None = None,
    about: Mapping[str, Any] | None = None,
) -> RunFolder:
    """A new queued run under `root` with its frozen job. It appears as a whole.

    `about` are more fields of its state, for whoever lists runs without reading their jobs: job, task, model, method.
    """
    created = time.time() if now is None else now
    stamp = datetime.fromtimestamp(created, tz=timezone.utc).strftime("%Y%m%d-%H%M%S")
    # Letters of other scripts stay in the state's name; a folder's name must suit every file system and shell.
    slug = re.sub(r"[^a-z0-9]+", "-", (name or "run").lower()).strip("-")[:40].rstrip("-") or "run"
    root.mkdir(parents=True, exist_ok=True)
    _keep_out_of_version_control(root.parent)
    remove_stale(root)
    while (target := root / f"{stamp}-{slug}-{os.urandom(2).hex()}").exists():
        continue
    state = RunState(status="queued", name=name or slug, created=created, updated=created, extra=dict(about or {}))
    with folder_atomic(target) as folder:
        (folder / "job.yaml").write_bytes(guarded.encode_text(job_yaml))
        (folder / "state.json").write_bytes(states.encode(state))
        (folder / "events.jsonl").write_bytes(events.encode("state", state.to_mapping(), now=created))
        (folder / "log.txt").touch()
        for part in FOLDERS:
            (folder / part).mkdir()
    return RunFolder(target)


def _keep_out_of_version_control(folder: Path) -> None:
    if folder.name == ".tunesmith" and not (folder / ".gitignore").exists():
        write_atomic(folder / ".gitignore", "*\n")


def all_runs(root: Path) -> list[RunFolder]:
    """All runs under `root`, oldest first."""
    return in_order([RunFolder(Path(item.path), is_real=True) for item in run_entries(real_path(root))])


def in_order(runs: Sequence[R]) -> list[R]:
    """The oldest first: by the second in their ids, those of one second by what their states say."""
    found = sorted(runs, key=lambda run: run.id)
    times = Counter(run.id[:15] for run in found)
    if len(times) == len(found):
        return found
    return sorted(
        found, key=lambda run: (run.id[:15], times[run.id[:15]] > 1 and run.stored_state().state.created, run.id)
    )


def can_be_id(name: str) -> bool:
    """Whether a folder of that name can be a run: it is not hidden and every character of it can be shown."""
    return name.isprintable() and not name.startswith(".")


def run_entries(root: Path) -> list[os.DirEntry[str]]:
    """What in the folder `root` is a run, in no order; nothing where there is no such folder."""
    try:
        with os.scandir(root) as found:
            return [item for item in found if _is_run(item)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def odd_entries(root: Path) -> list[tuple[str, str]]:
    """What in the folder `root` looks like a run and is none, by name, with why."""
    try:
        with os.scandir(root) as found:
            return sorted((item.name, why) for item in found if not _is_run(item) and (why := _why_none(item)))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_run(item: os.DirEntry[str]) -> bool:
    """A link is none: what is asked of a run, such as to delete it, would be done somewhere else."""
    if not can_be_id(item.name) or not item.is_dir(follow_symlinks=False):
        return False
    try:
        return S_ISREG(os.lstat(f"{item.path}{os.sep}job.yaml").st_mode)  # a thousand times: Path takes thrice as long
    except OSError:
        return False


def _why_none(item: os.DirEntry[str]) -> str:
    if item.name.startswith("."):
        return ""
    if not can_be_id(item.name):
        return "its name has characters that cannot be shown"
    if item.is_symlink():
        return "it is a link; give the path of the folder itself"
    job = Path(item.path) / "job.yaml"
    if not item.is_dir():
        return ""
    return "its job.yaml is no file" if os.path.lexists(job) else "its job.yaml is missing"


def _named(runs: Sequence[RunFolder], reference: str) -> list[RunFolder]:
    """The runs of this name; where there is none, those whose name begins so. An id holds but plain letters of it."""
    wanted = _comparable(reference)
    names = {run.id: _comparable(run.stored_state().state.name) for run in runs} if wanted else {}
    exact = [run for run in runs if names.get(run.id) == wanted]
    return exact or [run for run in runs if names.get(run.id, "").startswith(wanted) and wanted]


def _comparable(name: str) -> str:
    """A name without what looks the same and is written otherwise: case, width, composed letters."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def find_run(root: Path, reference: str) -> RunFolder:
    """The run that `reference` names: an id, a unique beginning of one, its name in any script, `last`, or the path of
    a run's folder.

    Raises TunesmithError run.not-found or run.ambiguous.
    """
    path = expanded(reference)
    if os.sep in reference and is_regular(path / "job.yaml") and can_be_id(path.name):
        return RunFolder(path)
    if ID.fullmatch(reference) and is_folder(root / reference) and is_regular(root / reference / "job.yaml"):
        return RunFolder(root / reference)
    found = all_runs(root)
    if reference == "last" and found:
        return found[-1]
    exact = [run for run in found if run.id == reference]
    fitting = exact or [run for run in found if run.id.startswith(reference) and reference]
    # People remember the name they gave, not the second they pressed enter.
    fitting = fitting or [run for run in found if reference and run.id[16:].startswith(reference)]
    fitting = fitting or _named(found, reference)
    if len(fitting) == 1:
        return fitting[0]
    listed = tuple(run.id for run in (fitting or found)[::-1][:10])
    if fitting:
        raise TunesmithError(
            "run.ambiguous",
            f"{len(fitting)} runs begin like that",
            found=reference,
            allowed=listed,
            hint="write more of the id",
        )
    raise TunesmithError(
        "run.not-found",
        f"there is no such run in {root}" if found else f"there are no runs in {root}",
        found=reference,
        allowed=(*listed, "last") if found else (),
        hint="tunesmith runs lists them" if found else "tunesmith run JOB starts one",
    )
