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


def judged(result: Estimate, sizes_with: SizesWith, *, micro_batch_size: int, method: str) -> Estimate:
    """`result` with a problem for each room that is too small, and the remedies that would make the memory fit."""
    problems = list(result.problems)
    remedies: tuple[Remedy, ...] = ()
    if result.fits is False and result.memory is not None:
        remedies = tuple(_remedies(result, sizes_with, micro_batch_size, method))
        problems.append(
            Problem(
                code="estimate.does-not-fit",
                message=f"the run needs {size(result.memory.total)} of memory on {result.device}, "
                f"{size(result.free_bytes)} are free",
                place=Place(key="training.batch_size"),
                hint=" or ".join(remedy.message for remedy in remedies)
                or "take a smaller model, shorter inputs, or a machine with more memory",
            )
        )
    if result.disk is not None and result.disk.most + result.disk.series > result.disk.free:
        problems.append(
            Problem(
                code="estimate.disk-too-small",
                message=f"the run's checkpoints take up to {size(result.disk.most)}, {size(result.disk.free)} are free",
                place=Place(key="checkpoints.keep"),
                hint="make room, keep fewer checkpoints, or tune fewer weights (method: lora)",
                severity="warning",
            )
        )
    return replace(result, problems=tuple(problems), remedies=remedies)


def size(count: int) -> str:
    """Bytes as a person reads them: `5.1 GB`."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}" if count < 100 * factor else f"{count / factor:.0f} {unit}"
    return f"{count} bytes"


def _remedies(result: Estimate, sizes_with: SizesWith, micro: int, method: str) -> Iterator[Remedy]:
    """One change each; where no single one is enough, all together."""

    def remedy(overrides: Overrides, message: str) -> Remedy | None:
        sizes = sizes_with(overrides)
        needed = _needed(result, sizes) if sizes is not None else None
        if needed is None or needed > result.free_bytes:
            return None
        return Remedy(overrides=overrides, message=f"{message} ({size(needed)})", memory_bytes=needed)

    singles = [_micro_batches(result, sizes_with, micro)]
    singles.append(remedy((LEAN,), "set training.activation_checkpointing: true"))
    if method == "full":
        singles.append(remedy((LORA,), "tune with method: lora"))
    found = [each for each in singles if each is not None]
    if not found:
        least = ("training.micro_batch_size=1", LEAN, *((LORA,) if method == "full" else ()))
        together = remedy(least, f"set {' and '.join(least)}")
        found = [together] if together is not None else []
    yield from found


def _micro_batches(result: Estimate, sizes_with: SizesWith, micro: int) -> Remedy | None:
    """The largest power of two that fits: what a step needs grows in a straight line with its rows."""

    def needed(rows: int) -> int | None:
        sizes = sizes_with((f"training.micro_batch_size={rows}",))
        return _needed(result, sizes) if sizes is not None else None

    assert result.memory is not None
    most, least = result.memory.total, needed(1)
    if least is None or least > result.free_bytes or micro <= 1:
        return None
    rows, fits = 1, least
    guess = 1 + (result.free_bytes - least) * (micro - 1) // max(most - least, 1)
    rows = 1 << max(0, min(guess, micro - 1).bit_length() - 1)
    while rows > 1:
        found = needed(rows)
        if found is not None and found <= result.free_bytes:
            fits = found
            break
        rows //= 2
    return Remedy(
        overrides=(f"training.micro_batch_size={rows}",),
        message=f"set training.micro_batch_size: {rows} ({size(fits)}); the result stays the same",
        memory_bytes=fits,
    )


def _needed(result: Estimate, sizes: Sizes) -> int:
    assert result.memory is not None
    on_gpu = result.host_bytes is not None
    return sizes.step + (0 if on_gpu else result.memory.process + sizes.checkpoint)
