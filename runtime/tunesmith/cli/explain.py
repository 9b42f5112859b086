"""`tunesmith explain [WORD]`: what a word means."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict

from tunesmith.cli.parts.language import add_language, chosen_language, translator

HELP = "what a word, key, metric, loss, error code or rule means; without one, the list of words"
WIDEST = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("word", nargs="*", metavar="WORD", help="such as overfitting, training.warmup, f1_macro, TS101")
    add_language(parser)
    parser.add_argument("--json", action="store_true", help="print the meanings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print every meaning; always 0. Raises TunesmithError words.unknown."""
    from tunesmith.catalog import Catalog
    from tunesmith.words import glossary, index, meanings

    language = chosen_language(arguments)
    if not arguments.word:
        words = [entry.heading for entry in glossary(language)]
        print(json.dumps(words, ensure_ascii=False) if arguments.json else "\n".join(words))
        return 0
    translate = translator(language)
    found = meanings(" ".join(arguments.word), index(Catalog(), language=language, translate=translate))
    if arguments.json:
        print(json.dumps([asdict(meaning) for meaning in found], indent=2, ensure_ascii=False))
    else:
        _print("\n\n".join(f"## {meaning.name} ({translate(meaning.kind)})\n\n{meaning.text}" for meaning in found))
    return 0


def _print(text: str) -> None:
    """Markdown, drawn in a terminal and as it is elsewhere."""
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=min(WIDEST, shutil.get_terminal_size((80, 24)).columns)).print(Markdown(text))
