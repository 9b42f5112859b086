"""The one family of errors: each names the place, what was found, what is allowed and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from tunesmith import shown

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: `file` and, where known, `line` and `column` (both from 1) and the dotted `key`."""

    file: Path | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        parts = [str(self.file)] if self.file else []
        parts += [str(number) for number in (self.line, self.column) if number is not None]
        where = ":".join(parts)
        return f"{where}: {self.key}" if where and self.key else where or self.key or ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding. `code` is stable and has an entry in docs/errors.md; `message` is a sentence a user understands.

    `more` rows have the same finding and none of their own: there are too many to name them all.
    """

    code: str
    message: str
    place: Place = NOWHERE
    found: str = ""
    allowed: Sequence[str] = field(default=())
    hint: str = ""
    severity: Severity = "error"
    more: int = 0

    def __str__(self) -> str:
        where = f" {shown.line(self.place)}:" if str(self.place) else ""
        lines = [f"{self.severity}[{self.code}]:{where} {shown.indented(self.message)}"]
        if self.found:
            lines.append(f"  found: {shown.line(self.found)}")
        if self.allowed:
            lines.append(f"  allowed: {', '.join(map(shown.line, self.allowed))}")
        if self.hint:
            lines.append(f"  hint: {shown.indented(self.hint)}")
        return "\n".join(lines)


def problem_fields(problem: Problem) -> dict[str, Any]:
    """A problem as JSON values; `problem_from` makes it one again."""
    file = problem.place.file
    place = {**asdict(problem.place), "file": None if file is None else str(file)}
    return {**asdict(problem), "place": place, "allowed": list(problem.allowed)}


def problem_from(fields: Mapping[str, Any]) -> Problem:
    """The problem that `problem_fields` took apart."""
    place = fields["place"]
    file = place["file"]
    made = Place(**{**place, "file": None if file is None else Path(file)})
    return Problem(**{**fields, "place": made, "allowed": tuple(fields["allowed"])})


class TunesmithError(Exception):
    """Everything the user can mend. Anything else that is raised is a bug of ours."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        place: Place = NOWHERE,
        found: str = "",
        allowed: Sequence[str] = (),
        hint: str = "",
    ) -> None:
        self.problem = Problem(code=code, message=message, place=place, found=found, allowed=tuple(allowed), hint=hint)
        super().__init__(str(self.problem))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (self.problem,)

    @property
    def code(self) -> str:
        return self.problem.code


class InvalidJob(TunesmithError):
    """A job with one or more errors, all of them collected in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = tuple(problems)
        first = found[0]
        super().__init__(
            first.code,
            first.message,
            place=first.place,
            found=first.found,
            allowed=first.allowed,
            hint=first.hint,
        )
        self._problems = found
        self.args = ("\n".join(str(problem) for problem in found),)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


def is_failure(error: BaseException) -> bool:
    """Whether code of others failed, in whichever way: an exception, an `exit()`, a panic of a library in Rust.

    The last two are no `Exception`. Ctrl-C and the end of a cancelled task are no failures.
    """
    return isinstance(error, (Exception, SystemExit)) or type(error).__name__ == "PanicException"


def missing_extra(extra: str, package: str, purpose: str) -> TunesmithError:
    """The error for an optional package that is not installed, with the one command that installs it."""
    return TunesmithError(
        "env.missing-extra",
        f"{purpose} needs the package {package}, which is not installed",
        hint=f"pip install 'tunesmith[{extra}]'",
    )


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of `words`, or None where none is close; case makes no difference."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in words:
        folded.setdefault(candidate.casefold(), candidate)
    found = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None
