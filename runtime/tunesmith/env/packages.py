"""What is installed against what Tunesmith's own metadata asks for: its dependencies and its extras."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from tunesmith.env.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One requirement: `extra` is "" for what everyone needs; `installed` is the version found or None."""

    package: str
    extra: str
    wanted: str
    installed: str | None
    fits: bool


# Extras that are for those who work on Tunesmith itself, and those that only sum up others.
_NOT_FOR_USERS = ("all", "test", "lint")


def read_needs(
    requirements: Iterable[str] | None = None, version_of: Callable[[str], str | None] | None = None
) -> tuple[Need, ...]:
    """Every requirement of the installed `tunesmith`, with what is there."""
    from packaging.requirements import Requirement

    lookup = version_of or _installed_version
    needs = []
    for text in (metadata.requires("tunesmith") or ()) if requirements is None else requirements:
        requirement = Requirement(text)
        extra = _extra_of(text)
        marker = requirement.marker
        if extra in _NOT_FOR_USERS or (marker and not marker.evaluate({"extra": extra})):
            continue
        found = lookup(requirement.name)
        fits = found is not None and requirement.specifier.contains(found, prereleases=True)
        wanted = f"{requirement.name}{requirement.specifier}"
        needs.append(Need(package=requirement.name, extra=extra, wanted=wanted, installed=found, fits=fits))
    return tuple(needs)


def package_findings(needs: Iterable[Need]) -> Iterator[Finding]:
    """One finding for the dependencies, one for each extra. A missing extra is fine: it is named with its command."""
    listed = list(needs)
    base = [need for need in listed if not need.extra]
    bad = [need for need in base if not need.fits]
    yield Finding(
        code="env.dependencies",
        status="error" if bad else "ok",
        message=f"{', '.join(map(_need_text, bad))}" if bad else f"all {len(base)} required packages are there",
        mend="pip install --upgrade " + " ".join(f"'{need.wanted}'" for need in bad) if bad else "",
    )
    for extra in dict.fromkeys(need.extra for need in listed if need.extra):
        of_extra = [need for need in listed if need.extra == extra]
        missing = [need for need in of_extra if not need.fits]
        outdated = any(need.installed for need in missing)
        yield Finding(
            code="env.missing-extra",
            status="warning" if outdated else "ok",
            message=f"extra {extra}: " + (", ".join(map(_need_text, missing)) if missing else "installed"),
            mend=f"pip install 'tunesmith[{extra}]'" if missing else "",
        )


def _need_text(need: Need) -> str:
    return (
        f"{need.package} {need.installed} does not fit {need.wanted}" if need.installed else f"{need.package} missing"
    )


def _extra_of(requirement: str) -> str:
    """The extra that a line of metadata belongs to: `pyarrow>=17; extra == 'tables'`."""
    _, _, marker = requirement.partition(";")
    _, found, name = marker.partition("extra ==")
    return name.strip().split()[0].strip("'\")") if found else ""


def _installed_version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
