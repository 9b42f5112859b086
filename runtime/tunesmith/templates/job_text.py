"""Editing the text of a job so that its comments and its order stay."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

PARTS = ("validation", "test")


def with_data(
    text: str,
    *,
    train: str,
    roles: Sequence[str],
    columns: Mapping[str, Sequence[str]],
    metric: str,
    imbalance: str | None = None,
    model: Any = None,
) -> str:
    """`text` with other training rows and columns, and the `metric` that the best checkpoint is chosen by. Parts that
    were files become a share of the training rows.

    `roles` are all roles of the task: those without a column are taken out. `imbalance` and `model` are
    set unless None.
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 4096
    job: Any = yaml.load(text)
    data = job["data"]
    data["train"] = train
    for part in PARTS:
        if part in data and not str(data[part]).endswith("%"):
            data[part] = "10%"
    for role in roles:
        if role not in columns:
            data.pop(role, None)
        else:
            names = list(columns[role])
            data[role] = names[0] if len(names) == 1 else names
    if model is not None:
        job["model"] = model
    job["evaluation"]["metric"] = metric
    if imbalance is not None:
        data["imbalance"] = imbalance
    written = io.StringIO()
    yaml.dump(job, written)
    # The first comment is about the template's own data.
    lines = written.getvalue().splitlines(keepends=True)
    return "".join(lines[1:] if lines and lines[0].startswith("#") else lines)
