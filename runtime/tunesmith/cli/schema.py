"""`tunesmith schema`: the JSON Schema of a job file."""

from __future__ import annotations

import argparse
import json

HELP = "print the JSON Schema of job files"


def configure(parser: argparse.ArgumentParser) -> None:
    """It takes no arguments."""


def run(arguments: argparse.Namespace) -> int:
    """Print the schema; always 0."""
    from tunesmith.catalog import Catalog
    from tunesmith.job.json_schema import json_schema

    print(json.dumps(json_schema(Catalog()), indent=2, ensure_ascii=False))
    return 0
