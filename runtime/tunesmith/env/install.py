"""`python -m tunesmith.env.install`: what to install for this runtime with this interpreter, as JSON.

The plugin asks this of the wheel itself, before anything is installed: only Python is needed. So what it installs is
what doctor recommends. Printed: `python` (whether it fits, and what mends it), `torch` and `runtime`: what follows
`pip install` for each.
"""

from __future__ import annotations

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from tunesmith.env.finding import Finding
from tunesmith.env.interpreter import interpreter_findings, read_interpreter
from tunesmith.env.nvidia import Driver, read_driver
from tunesmith.env.torch_index import torch_requirement

EXTRAS = ("images", "meters", "minilm", "tables")
"""What the wizard's choices need: a bundled model, parquet, images; and the readings of the devices."""


def advice(findings: list[Finding], driver: Driver | None, wheel: Path | None) -> dict[str, Any]:
    """What `main` prints. `wheel` is the file that this runs from; None takes the registry's."""
    python = next(finding for finding in findings if finding.code == "env.python-version")
    source = f"tunesmith[{','.join(EXTRAS)}]"
    return {
        "python": python.as_mapping(),
        "torch": list(torch_requirement(driver, wanted=_wanted_torch())),
        "runtime": [source if wheel is None else f"{source} @ {wheel.as_uri()}"],
        "gpu": driver.gpus[0].name if driver and driver.gpus else "",
    }


def _wanted_torch() -> str:
    """The line of our own metadata, so that what is installed first satisfies what the wheel asks for."""
    lines = metadata.requires("tunesmith") or ()
    return next((line for line in lines if re.match(r"torch\b", line)), "torch")


def _wheel() -> Path | None:
    return next((path for path in Path(__file__).parents if path.suffix == ".whl"), None)


def main() -> int:
    """Print the advice for this interpreter and this machine."""
    report = advice(list(interpreter_findings(read_interpreter())), read_driver(), _wheel())
    sys.stdout.write(json.dumps(report) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
