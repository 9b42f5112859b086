"""Everything that must hold before a commit, from nothing: sets up, then format, lint, types, layers and all tests, the
plugin's included; and the site of the documentation, whose links must lead somewhere.

All runners run even when one fails; their own closing lines are repeated at the end. With `--quick`, for daily work,
site and plugin are left out, and so are tests that train for long, kill workers or drive servers. Other arguments go to
pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys

from environment import PYTHON, ROOT, prepare, system_packages


def _run(name: str, command: list[str]) -> tuple[bool, str]:
    """Run one, passing its output on as it comes; whether it passed, and its last line."""
    print(f"--- {name}", flush=True)
    closing = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            closing = line.strip() if line.strip() and not line.startswith("[*]") else closing
    return process.returncode == 0, closing


def _environment() -> dict[str, str]:
    """No model hub and no colours: what the tests see must not depend on who runs them."""
    return {**os.environ, "HF_HUB_OFFLINE": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"}


QUICK = ("unit", "inspections", "golden")
"""The folders of tests that `--quick` runs."""

PROGRAMS = {"site": "docs_site.py", "plugin": "plugin.py"}
"""Programs of ours that check what they build; `--quick` leaves them out."""


def main(arguments: list[str]) -> int:
    """0 if every runner passed."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    quick = "--quick" in arguments
    arguments = [argument for argument in arguments if argument != "--quick"]
    chosen = [str(ROOT / "tests" / folder) for folder in QUICK] if quick else []
    prepare("test,lint")
    system_packages({"nvim": ["neovim"]})  # an editor that speaks to the server in one of the tests
    tools = PYTHON.parent
    runners = {
        "ruff format": [str(tools / "ruff"), "format", "--check"],
        "ruff check": [str(tools / "ruff"), "check"],
        "mypy": [str(tools / "mypy")],
        "lint-imports": [str(tools / "lint-imports")],
        "pytest": [str(PYTHON), "-m", "pytest", "-q", "-n", "2", "-m", "not slow", *chosen, *arguments],
        **({} if quick else {name: [sys.executable, str(ROOT / "tools" / file)] for name, file in PROGRAMS.items()}),
    }
    results = {name: _run(name, command) for name, command in runners.items()}
    print("\nClosing lines")
    for name, (passed, closing) in results.items():
        print(f"{'passed' if passed else 'FAILED'}  {name:12}  {closing}")
    return 0 if all(passed for passed, _ in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
