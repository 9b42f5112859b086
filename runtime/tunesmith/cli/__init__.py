"""The command line. One command, one file in this folder: `HELP`, `configure(parser)` and `run(arguments) -> int`.

Exit status: 0 done, 1 failed, 2 bad job or bad use, 130 stopped.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

from tunesmith import __version__
from tunesmith.cli.parts.streams import safe_streams
from tunesmith.errors import TunesmithError
from tunesmith.shortages import refusal


def commands() -> list[str]:
    """All commands by name, from the files of this folder; what they share is in `parts/`."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tunesmith", description="Fine-tune models on your own machine.")
    parser.add_argument("--version", action="version", version=f"tunesmith {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        module = importlib.import_module(f"{__name__}.{name}")
        module.configure(subparsers.add_parser(name, help=module.HELP, description=module.HELP))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    with safe_streams():
        return _run(list(sys.argv[1:] if arguments is None else arguments))


def _run(given: Sequence[str]) -> int:
    known = commands()
    chosen = [word for word in given if not word.startswith("-")][:1]
    # Only the chosen command's file is imported: `tunesmith check` must not pay for the others.
    parser = _parser(chosen if chosen and chosen[0] in known and given[0] == chosen[0] else known)
    parsed = parser.parse_args(given)
    module = importlib.import_module(f"{__name__}.{parsed.command}")
    try:
        return int(module.run(parsed))
    except TunesmithError as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    except (OSError, MemoryError) as error:
        lacking = refusal(error)
        if lacking is None:
            raise
        print(lacking, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
