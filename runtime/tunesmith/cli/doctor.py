"""`tunesmith doctor`: what is wrong with this machine, and what mends it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "look at interpreter, torch, driver, devices, memory, disk and extras"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of this command."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print every finding; 1 if one of them is an error."""
    from tunesmith.env.doctor import diagnose

    findings = diagnose(Path.cwd())
    if arguments.json:
        print(json.dumps([finding.as_mapping() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{finding.status:7}  {finding.message}" + (f"  [{finding.code}]" * (finding.status != "ok")))
            if finding.mend:
                print(f"         mend: {finding.mend}")
    return 1 if any(finding.status == "error" for finding in findings) else 0
