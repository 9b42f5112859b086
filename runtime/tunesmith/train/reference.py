"""The reference pages of losses, optimizers and schedules, written from the members themselves.

`python -m tunesmith.train.reference` in the repository's root writes them to docs/; a test fails where they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tunesmith.catalog import Catalog, Folder
from tunesmith.members import Example, Loss, Member, Optimizer, Schedule
from tunesmith.options import Option

M = TypeVar("M", bound=Member)

_LOSSES = """# Losses

A loss says how wrong an answer is; training makes its mean over all targets small. Name one in a job under
`training.loss`, with options where you want others than the defaults:

```yaml
training:
  loss: {huber: {delta: 2}}
```

`auto` (the default) chooses by the task's target and says why. A loss of your own is `package.module:callable`: it is
called with (prediction, target) and returns one number for each target. All losses here take the model's raw outputs
`z`, without softmax or sigmoid, and compute in float32 also where the model computes in bf16. `y` is the target.

Regression standardises its targets: predictions and targets that a loss compares, and so the values of `loss` and
`validation_loss`, are in standard deviations from the mean, of each target on its own. Options in units of the target
are converted: with targets that deviate by 10,000, `{huber: {delta: 5000}}` bends at half a deviation. A loss of your
own gets the standardised numbers as they are. `mae` and `rmse` are in the target's own unit."""

_OPTIMIZERS = """# Optimizers

An optimizer turns gradients into steps of the weights. Name one in a job under `training.optimizer`:

```yaml
training:
  optimizer: {adamw: {weight_decay: 0.05}}
  learning_rate: 5e-5
```

`auto` (the default) chooses one and says why. One of your own is `package.module:callable`, called as
`callable(groups, lr=..., **options)` with torch's parameter groups. Weight decay leaves biases, norms and everything
else of one dimension alone; frozen weights are not handed over at all. `theta` are the weights, `g` is the gradient of
the loss, `lr` the learning rate of the step."""

_SCHEDULES = """# Schedules

A schedule says by what the learning rate is multiplied at each step. Name one in a job under `training.schedule`:

```yaml
training:
  schedule: {cosine: {final: 0.1}}
  warmup: 6%
```

Over the first `warmup` of all steps the rate rises in a straight line; the schedule has the steps after that to itself,
and its formula counts them: `step` from 0, of `total`."""


def render_losses(catalog: Catalog) -> str:
    """docs/losses.md."""

    def facts(member: Loss) -> Iterator[tuple[str, str]]:
        yield "For targets", ", ".join(member.targets)
        yield "Range", member.range

    return _page(_LOSSES, catalog.losses, facts, _loss_example)


def render_optimizers(catalog: Catalog) -> str:
    """docs/optimizers.md."""

    def facts(member: Optimizer) -> Iterator[tuple[str, str]]:
        rates = f"{_number(member.learning_rate)} for all weights of a pretrained model, "
        yield "Learning rate to begin with", rates + f"{_number(member.from_scratch)} from scratch"

    return _page(_OPTIMIZERS, catalog.optimizers, facts, _optimizer_example)


def render_schedules(catalog: Catalog) -> str:
    """docs/schedules.md."""

    def facts(member: Schedule) -> Iterator[tuple[str, str]]:
        if member.warms_up:
            yield "Warm-up", "its own; the job's `warmup` is not put before it"

    return _page(_SCHEDULES, catalog.schedules, facts, _schedule_example)


PAGES: dict[str, Callable[[Catalog], str]] = {
    "losses.md": render_losses,
    "optimizers.md": render_optimizers,
    "schedules.md": render_schedules,
}


def write(folder: Path) -> None:
    """Write all pages into `folder`."""
    catalog = Catalog()
    for name, render in PAGES.items():
        (folder / name).write_text(render(catalog), encoding="utf-8")


def _page(
    opening: str,
    members: Folder[M],
    facts: Callable[[M], Iterator[tuple[str, str]]],
    example: Callable[[Example], str],
) -> str:
    source = "<!-- Written by `python -m tunesmith.train.reference` from the members: change them, not this page. -->"
    overview = ["| name | what it is |", "|---|---|"]
    overview += [f"| [{name}](#{name}) | {entry.member.help} |" for name, entry in members.items()]
    blocks = [source, opening, "\n".join(overview)]
    for entry in members.values():
        blocks += _section(entry.member, facts(entry.member), example)
    return "\n\n".join(blocks) + "\n"


def _section(member: Any, facts: Iterator[tuple[str, str]], example: Callable[[Example], str]) -> Iterator[str]:
    yield f"## {member.name}"
    yield member.help
    yield f"When to take it: {member.when}"
    steps = member.formula.replace(";  ", "\n")
    yield f"```text\n{steps}\n```"
    shown_facts = [("Also called", ", ".join(f"`{alias}`" for alias in member.aliases))] if member.aliases else []
    shown_facts += [*facts, ("Source", member.source)]
    yield "\n".join(f"- {title}: {text}" for title, text in shown_facts)
    if member.options:
        yield "\n".join(_options(member.options))
    yield "\n".join(["Worked:", "", *(f"- {example(worked)}" for worked in member.worked)])


def _options(options: Mapping[str, Option]) -> Iterator[str]:
    yield "| option | default | allowed | what it does | advice |"
    yield "|---|---|---|---|---|"
    for name, option in options.items():
        yield f"| `{name}` | {_number(option.default)} | {option.allowed()} | {option.help} | {option.advice} |"


def _loss_example(example: Example) -> str:
    inputs = example.inputs
    text = f"z = {_numbers(inputs['prediction'])}, y = {_numbers(inputs['target'])}{_given(example)}"
    return f"{text}: **{_numbers(example.value)}**{_says(example)}"


def _optimizer_example(example: Example) -> str:
    inputs = example.inputs
    steps = inputs.get("steps", 1)
    after = "one step" if steps == 1 else f"{steps} steps"
    begin = f"from theta = {_numbers(inputs['theta'])}, g = {_numbers(inputs['gradient'])}, lr = {inputs['lr']}"
    return f"{begin}{_given(example)}, after {after}: **{_numbers(example.value)}**{_says(example)}"


def _schedule_example(example: Example) -> str:
    inputs = example.inputs
    at = f"step {inputs['step']} of {inputs['total']}{_given(example)}"
    return f"{at}: **{_numbers(example.value)}**{_says(example)}"


def _given(example: Example) -> str:
    return "".join(f", {name} = {_number(value)}" for name, value in example.inputs.get("options", {}).items())


def _says(example: Example) -> str:
    return f" ({example.says})" if example.says else ""


def _numbers(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        if len(value) == 1:
            return _numbers(value[0])
        return "(" + ", ".join(_numbers(item) for item in value) + ")"
    return _number(value)


def _number(value: Any) -> str:
    return f"{value:.6g}".replace("e-0", "e-") if isinstance(value, float) else str(value)


if __name__ == "__main__":
    write(Path("docs"))
