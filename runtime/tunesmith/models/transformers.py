"""Any model in transformers' layout: a folder of the project, or a hub id."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import TunesmithError
from tunesmith.members import ModelSource
from tunesmith.models.parts.folders import HUB_NAME, cached_snapshot, local_folder
from tunesmith.models.parts.tokenizers import text_format as format_in
from tunesmith.options import OneOf, Text

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel, ModelRequest, TextFormat

MEMBER = ModelSource(
    name="transformers",
    help="A model in transformers' layout: a folder with config.json and model.safetensors, or a hub id.",
    when="Nearly always: begin with weights that already know something of your kind of data.",
    source="https://huggingface.co/docs/transformers",
    options={
        "revision": Text(
            "main",
            pattern=r"[\w./-]+",
            form="a branch, tag or commit of the hub",
            help="Which version of a hub model; a folder has only one.",
            advice="Name a commit where a run must be repeatable years from now.",
        ),
        "attention": OneOf(
            "auto",
            values=("auto", "sdpa", "eager"),
            help="How attention is computed: torch's fused kernels, or step by step.",
            advice="Leave it at auto; eager is for looking at attention weights.",
        ),
    },
)

FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja", "*.model", "*.bpe", "*.codes")


def claims(name: str, folder: Path) -> bool:
    """Whether `name` is a model folder, or could be the name of one on a hub."""
    return local_folder(name, folder) is not None or HUB_NAME.fullmatch(name) is not None


def text_format(name: str, folder: Path, options: Mapping[str, Any]) -> TextFormat | None:
    """How the model reads text, if its files are on this machine. Free of torch and transformers."""
    found = local_folder(name, folder) or cached_snapshot(name, options.get("revision", "main"))
    return format_in(found) if found else None


def load(request: ModelRequest) -> LoadedModel:
    """The model with the head that the task needs. Raises TunesmithError model.not-found and the like."""
    from tunesmith.models.parts.pretrained import load_pretrained

    return load_pretrained(find(request.name, request.folder, request.options, network=request.network), request)


def find(name: str, folder: Path, options: Mapping[str, Any], *, network: bool) -> Path:
    """The folder with the model's files; downloaded only where `network` allows it.

    Raises model.not-found, model.download-failed, and what `check_folder` raises.
    """
    from tunesmith.models.parts.folder_checks import check_folder
    from tunesmith.models.parts.image_settings import image_scale

    revision = options.get("revision", "main")
    found = local_folder(name, folder)
    if found is None:
        is_asked = network and HUB_NAME.fullmatch(name)
        found = _download(name, revision) if is_asked else cached_snapshot(name, revision)
    if found is None:
        raise TunesmithError(
            "model.not-found",
            "there is no such model folder, and no earlier download of a hub model of that name",
            found=name,
            hint="correct the path, or write `network: true` in the job to download it once",
        )
    check_folder(found, name)
    image_scale(found)
    if not (found / "config.json").is_file():
        raise TunesmithError("model.not-found", f"{found} holds no config.json", found=name)
    return found


def _download(name: str, revision: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=list(FILES)))
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(name, revision=revision, allow_patterns=[*FILES, "pytorch_model*.bin"]))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise TunesmithError(
            "model.download-failed",
            f"the hub did not give this model: {str(error).splitlines()[0]}",
            found=name,
            hint="check the name and the network, log in with `hf auth login` if the model is gated, or use a folder",
        ) from error
    return folder
