"""`tunesmith export RUN`: the model in a folder of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

from tunesmith.cli.parts import run_choice
from tunesmith.runs.number_format import size

HELP = "write the tuned model in a format that other programs open"
FORMATS = ("transformers", "peft", "merged", "onnx", "module")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="the folder to write (default: export/FORMAT in the run)"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="",
        help="transformers: the whole model (an adapter is merged into it), the default; peft: the adapter alone; "
        "merged: the same as transformers; onnx: for runtimes without Python; module: weights of a module of your own",
    )
    parser.add_argument("--checkpoint", default="best", metavar="WHICH", help="best (default), newest, or step-N")
    parser.add_argument("--force", action="store_true", help="replace an earlier export in that folder")
    run_choice.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it; what was written is compared with the trained model first."""
    from tunesmith.use.export import export

    found = run_choice.found_run(arguments)
    to = arguments.to or found.export_folder / (arguments.format or "model")
    written = export(found, to, format=arguments.format, checkpoint=arguments.checkpoint, force=arguments.force)
    files = sorted(path for path in written.rglob("*") if path.is_file())
    if arguments.json:
        run_choice.print_json(
            {"folder": str(written.resolve()), "files": [str(path.relative_to(written)) for path in files]}
        )
        return 0
    for path in files:
        print(f"  {path.relative_to(written)!s:<32} {size(path.stat().st_size):>10}")
    print(f"written to {written}; its outputs equal those of the trained model (README.md says how to load it)")
    return 0
