"""The rows of a job, in their parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunesmith.data.fingerprint import Fingerprints
from tunesmith.data.rows import Rows
from tunesmith.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The rows of a job. `skipped` lists what `bad_rows: skip` left out, `dropped` counts by part what
    `duplicates: drop` did. `notes` say what was understood that the job does not spell out, `division` what stays
    together in the parts, where anything does.

    `fingerprint` is the SHA-256 by part (train, and validation and test where they are files of their own), and
    `prints` what was found out for it of single files. `columns` says which columns each role was read from, guesses
    included.
    """

    train: Rows
    validation: Rows | None
    test: Rows | None
    skipped: tuple[Problem, ...]
    fingerprint: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    division: str = ""
    skipped_lines: int = 0
    prints: Fingerprints = field(default_factory=Fingerprints, compare=False)
