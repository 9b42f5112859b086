"""From what a job picks to the thing that works: the loss, the optimizer over the right weights, the rate at a step."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tunesmith.catalog import Catalog
from tunesmith.contracts.loss import LossFunction
from tunesmith.errors import Place, TunesmithError, is_failure
from tunesmith.job.job import Pick
from tunesmith.options import TARGET_UNIT, Option
from tunesmith.trust import import_callable, is_callable_name

_NORM = re.compile(r"norm(\dd)?$", re.IGNORECASE)  # LayerNorm, LlamaRMSNorm, BatchNorm2d


def build_loss(
    pick: Pick, catalog: Catalog, folder: Path, *, deviation: Sequence[float] = (), trusted: bool = True
) -> LossFunction:
    """The loss a job names: a member, or the project's own function or class (such as an nn.Module with options).

    `deviation` of each target, where targets are standardised: options in the target's unit are divided by it. The
    project's own takes (prediction, target), standardised as they are, and returns one loss a target. Raises
    TunesmithError catalog.unknown-member, train.callable-failed, or what `import_callable` raises.
    """
    if not is_callable_name(pick.name):
        entry = catalog.losses[pick.name]
        options = [_in_deviations(pick.options, entry.member.options, one) for one in deviation or (1.0,)]
        if all(each == options[0] for each in options):  # of most losses: then one call is enough for all targets
            options = options[:1]
        built: list[LossFunction] = [entry.call("build", **each) for each in options]
        return built[0] if len(built) == 1 else partial(_by_target, built)
    place = Place(key="training.loss")
    found = import_callable(pick.name, folder, trusted=trusted, place=place)
    own = _called(found, pick, place) if inspect.isclass(found) else partial(found, **pick.options)
    return OwnLoss(own, pick.name, place)


def _in_deviations(given: Mapping[str, Any], options: Mapping[str, Option], deviation: float) -> dict[str, Any]:
    """The options with those that are given in the target's unit in standard deviations."""
    return {
        name: value / deviation if options[name].unit == TARGET_UNIT and value is not None else value
        for name, value in given.items()
    }


def _by_target(losses: Sequence[LossFunction], prediction_BK: torch.Tensor, target_BK: torch.Tensor) -> torch.Tensor:
    """Each target by the loss of its own, shape (B, K)."""
    columns = zip(losses, prediction_BK.unbind(-1), target_BK.unbind(-1), strict=True)
    return torch.stack([loss(prediction, target) for loss, prediction, target in columns], dim=-1)


class OwnLoss:
    """The project's own loss, `own`, whose results are looked at."""

    def __init__(self, own: Any, name: str, place: Place) -> None:
        self.own, self._name, self._place = own, name, place

    def __call__(self, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        value = self.own(prediction, target)
        if not isinstance(value, torch.Tensor) or value.shape != target.shape:
            raise TunesmithError(
                "train.loss-not-per-target",
                f"{self._name} must return one loss for each target",
                place=self._place,
                found=f"shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__,
                allowed=(f"a tensor of the target's shape {tuple(target.shape)}",),
                hint='take no mean or sum in it: in torch\'s losses that is reduction="none"',
            )
        return value.float()


def build_optimizer(
    pick: Pick,
    module: nn.Module,
    learning_rate: float,
    catalog: Catalog,
    folder: Path,
    *,
    trusted: bool = True,
) -> torch.optim.Optimizer:
    """The optimizer a job names, over the weights of `module` that are not frozen.

    Where weights decay, biases, norms and everything else of one dimension are in a group without. The project's own
    optimizer is called as (groups, lr=..., **options). Between steps, set `group["lr"]` to change the rate.
    Raises TunesmithError train.nothing-to-train, train.callable-failed, catalog.unknown-member, or what
    `import_callable` raises.
    """
    is_own = is_callable_name(pick.name)
    groups = parameter_groups(module, decays=is_own or bool(pick.options.get("weight_decay")))
    if not groups:
        raise TunesmithError(
            "train.nothing-to-train",
            "every weight of the model is frozen, so there is nothing to train",
            place=Place(key="method"),
            hint="choose another method, freeze fewer layers, or set requires_grad on the weights to be tuned",
        )
    if not is_own:
        built: torch.optim.Optimizer = catalog.optimizers[pick.name].call(
            "build", groups, learning_rate, **pick.options
        )
        return built
    place = Place(key="training.optimizer")
    found = import_callable(pick.name, folder, trusted=trusted, place=place)
    own = _called(found, pick, place, groups, lr=learning_rate)
    if not isinstance(own, torch.optim.Optimizer):
        raise TunesmithError(
            "train.not-an-optimizer",
            f"{pick.name} must return an optimizer",
            place=place,
            found=type(own).__name__,
            allowed=("a torch.optim.Optimizer",),
        )
    return own


def parameter_groups(module: nn.Module, *, decays: bool = True) -> list[dict[str, Any]]:
    """torch's parameter groups: weights that decay, then those that do not, each once, in the module's order.

    One group where nothing `decays`: an optimizer starts its kernels once for each.

    Decay pulls weights of matrices towards 0, which makes functions smoother; on a bias or the scale of a norm it only
    shifts or shrinks what passes through. A group that would be empty is left out.
    """
    decaying: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for owner, name, parameter in _trainable(module):
        is_norm = _NORM.search(type(owner).__name__) is not None
        is_spared = decays and (parameter.dim() < 2 or name.endswith("bias") or is_norm)
        (spared if is_spared else decaying).append(parameter)
    groups: list[dict[str, Any]] = [{"params": decaying}] if decaying else []
    return [*groups, {"params": spared, "weight_decay": 0.0}] if spared else groups


def rate_factor(schedule: Pick, warmup: float, step: int, total: int, catalog: Catalog) -> float:
    """The multiple of the learning rate at `step` (from 0) of `total`.

    Over the first `warmup` (a share of `total`, rounded up to whole steps) it rises in a straight line whose first step
    is already above 0; then the schedule has the remaining steps to itself. A schedule that warms up by itself has all.
    """
    entry = catalog.schedules[schedule.name]
    rising = 0 if entry.member.warms_up else min(math.ceil(warmup * total - 1e-9), total)
    if step < rising:
        return (step + 1) / (rising + 1)
    factor: float = entry.call("factor", step - rising, max(total - rising, 1), **schedule.options)
    return factor


def _trainable(module: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Parameter]]:
    seen: set[int] = set()
    for owner in module.modules():
        for name, parameter in owner.named_parameters(recurse=False):
            if parameter.requires_grad and id(parameter) not in seen:
                seen.add(id(parameter))
                yield owner, name, parameter


def _called(found: Any, pick: Pick, place: Place, *args: Any, **more: Any) -> Any:
    try:
        return found(*args, **more, **pick.options)
    except BaseException as error:  # the user's code may raise anything; it becomes the cause
        if not is_failure(error):
            raise
        raise TunesmithError(
            "train.callable-failed",
            f"calling {pick.name} failed: {type(error).__name__}: {error}",
            place=place,
            hint="compare its parameters with the options in the job",
        ) from error
