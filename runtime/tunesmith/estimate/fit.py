"""What would make a run fit: smaller micro-batches, less kept for the backward pass, fewer weights tuned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tunesmith.errors import Place, Problem
from tunesmith.estimate.figures import Estimate, Remedy
from tunesmith.estimate.shapes import Sizes

Overrides = tuple[str, ...]
SizesWith = Callable[[Overrides], "Sizes | None"]
"""The sizes of the same job with these overrides; None where there can be no such job."""

LEAN = "training.activation_checkpointing=true"
LORA = "method=lora"


def judged(said: Estimate, sizes_with: SizesWith, *, micro_batch_size: int, method: str) -> Estimate:
    """`said` with a problem for each room that is too small, and the remedies that would make the memory fit."""
    problems = list(said.problems)
    remedies: tuple[Remedy, ...] = ()
    if said.fits is False and said.memory is not None:
        remedies = tuple(_remedies(said, sizes_with, micro_batch_size, method))
        problems.append(
            Problem(
                code="estimate.does-not-fit",
                message=f"the run needs {size(said.memory.total)} of memory on {said.device}, "
                f"{size(said.free_bytes)} are free",
                place=Place(key="training.batch_size"),
                hint=" or ".join(remedy.message for remedy in remedies)
                or "take a smaller model, shorter inputs, or a machine with more memory",
            )
        )
    if said.disk is not None and said.disk.most + said.disk.series > said.disk.free:
        problems.append(
            Problem(
                code="estimate.disk-too-small",
                message=f"the run's checkpoints take up to {size(said.disk.most)}, {size(said.disk.free)} are free",
                place=Place(key="checkpoints.keep"),
                hint="make room, keep fewer checkpoints, or tune fewer weights (method: lora)",
                severity="warning",
            )
        )
    return replace(said, problems=tuple(problems), remedies=remedies)


def size(count: int) -> str:
    """Bytes as a person reads them: `5.1 GB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}" if count < 100 * factor else f"{count / factor:.0f} {unit}"
    return f"{count} bytes"


def _remedies(said: Estimate, sizes_with: SizesWith, micro: int, method: str) -> Iterator[Remedy]:
    """One change each; where no single one is enough, all together."""

    def remedy(overrides: Overrides, message: str) -> Remedy | None:
        sizes = sizes_with(overrides)
        needed = _needed(said, sizes) if sizes is not None else None
        if needed is None or needed > said.free_bytes:
            return None
        return Remedy(overrides=overrides, message=f"{message} ({size(needed)})", memory_bytes=needed)

    singles = [_micro_batches(said, sizes_with, micro)]
    singles.append(remedy((LEAN,), "set training.activation_checkpointing: true"))
    if method == "full":
        singles.append(remedy((LORA,), "tune with method: lora"))
    found = [each for each in singles if each is not None]
    if not found:
        least = ("training.micro_batch_size=1", LEAN, *((LORA,) if method == "full" else ()))
        together = remedy(least, f"set {' and '.join(least)}")
        found = [together] if together is not None else []
    yield from found


def _micro_batches(said: Estimate, sizes_with: SizesWith, micro: int) -> Remedy | None:
    """The largest power of two that fits: what a step needs grows in a straight line with its rows."""

    def needed(rows: int) -> int | None:
        sizes = sizes_with((f"training.micro_batch_size={rows}",))
        return _needed(said, sizes) if sizes is not None else None

    assert said.memory is not None
    most, least = said.memory.total, needed(1)
    if least is None or least > said.free_bytes or micro <= 1:
        return None
    rows, fits = 1, least
    guess = 1 + (said.free_bytes - least) * (micro - 1) // max(most - least, 1)
    rows = 1 << max(0, min(guess, micro - 1).bit_length() - 1)
    while rows > 1:
        found = needed(rows)
        if found is not None and found <= said.free_bytes:
            fits = found
            break
        rows //= 2
    return Remedy(
        overrides=(f"training.micro_batch_size={rows}",),
        message=f"set training.micro_batch_size: {rows} ({size(fits)}); the result stays the same",
        memory_bytes=fits,
    )


def _needed(said: Estimate, sizes: Sizes) -> int:
    assert said.memory is not None
    on_gpu = said.host_bytes is not None
    return sizes.step + (0 if on_gpu else said.memory.process + sizes.checkpoint)
