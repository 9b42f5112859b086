"""A model of the user's own: a callable of the project that returns a torch module."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import Place, TunesmithError, is_failure
from tunesmith.members import ModelSource
from tunesmith.options import Integer, Mapped, Text
from tunesmith.shown import listed
from tunesmith.trust import import_callable, is_callable_name, project_line

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel, ModelRequest, TextFormat

MEMBER = ModelSource(
    name="python",
    help="`package.module:callable` of the project that returns a torch.nn.Module (or a transformers model).",
    when="An architecture of your own, such as a perceptron. Its argument `outputs` or `num_labels` is filled in.",
    options={
        "arguments": Mapped({}, help="Keyword arguments for the callable.", advice="Sizes and rates you want to vary."),
        "tokenizer": Text(
            None,
            help="A folder with tokenizer.json, or a bundled name, for models that read text.",
            advice="Take the tokenizer that the model was made for.",
        ),
        "window": Integer(
            None,
            at_least=2,
            unit="tokens",
            help="The longest text the model can read; none means no limit.",
            advice="Set it to the number of positions your model knows.",
        ),
    },
)


def claims(name: str, folder: Path) -> bool:
    """Whether `name` has the form `package.module:callable`."""
    return is_callable_name(name)


def text_format(name: str, folder: Path, options: Mapping[str, Any]) -> TextFormat | None:
    """The tokenizer that the options name. A model beside it is another one: its limits do not hold."""
    from tunesmith.models.parts.named_tokenizers import named_folder
    from tunesmith.models.parts.tokenizers import text_format

    place = named_folder(options.get("tokenizer"), folder)
    found = text_format(place) if place else None
    if found is None:
        return None
    window = options.get("window")
    return replace(found, window=window, reach=None, vocabulary=None, begin=None, ends=(), sentence=None)


def load(request: ModelRequest) -> LoadedModel:
    """What the callable returns, its random weights decided by the request's seed.

    Raises model.callable-failed, model.not-a-module, and what importing it raises.
    """
    from torch import nn

    from tunesmith.contracts.model import LoadedModel
    from tunesmith.models.parts.named_tokenizers import named_folder
    from tunesmith.models.parts.seeded import seeded
    from tunesmith.models.parts.shapes import shapes_only

    make = import_callable(request.name, request.folder, trusted=request.trusted)
    with seeded(request.seed, "model"), shapes_only(request):
        try:
            module = make(**_arguments(make, request))
        except BaseException as error:  # the user's code may raise anything; it becomes the cause
            if not is_failure(error):
                raise
            raise TunesmithError(
                "model.callable-failed",
                f"{request.name} failed: {type(error).__name__}: {error}",
                place=project_line(error, request.folder) or Place(key="model"),
                hint="call it yourself with the same arguments to see the whole traceback",
            ) from error
    if not isinstance(module, nn.Module):
        raise TunesmithError(
            "model.not-a-module",
            f"{request.name} returned a {type(module).__name__}, not a torch.nn.Module",
            found=request.name,
            hint="return the model itself, not its class or its weights",
        )
    module.float()
    folder = named_folder(request.options.get("tokenizer"), request.folder)
    found = text_format(request.name, request.folder, request.options)
    if hasattr(module, "base_model_prefix") and hasattr(module, "config"):
        from tunesmith.models.parts.pretrained import dress, request_tokenizer

        loaded = dress(module, request, request_tokenizer(request) or found, folder)
    else:
        loaded = LoadedModel(module=module, kind="module", head=request.head, text=found, tokenizer_folder=folder)
    frozen = [name for name, parameter in module.named_parameters() if not parameter.requires_grad]
    if frozen:
        loaded.frozen |= frozenset(frozen)
        loaded.notes.append(f"stay as they are, because {request.name} freezes them: {listed(frozen)}")
    return loaded


def _arguments(make: Any, request: ModelRequest) -> dict[str, Any]:
    """Options that are not ours, `arguments`, and the number of outputs under the name that the callable knows."""
    given = {key: value for key, value in request.options.items() if key != "name" and key not in MEMBER.options}
    given |= request.options.get("arguments") or {}
    try:
        parameters = inspect.signature(make).parameters
    except (TypeError, ValueError):
        return given
    for name in ("outputs", "num_labels"):
        if name in parameters and name not in given and request.head.outputs:
            given[name] = request.head.outputs
    return given
