"""`tunesmith serve`: the server for editors, an LSP server with methods of its own."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "serve an editor over LSP: help in job files and Python, and control of runs"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--stdio", action="store_true", help="standard input and output (the default)")
    parser.add_argument(
        "--tcp", type=int, metavar="PORT", help="the loopback interface instead; 0 takes a free port (see --token-file)"
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="with --tcp: where to write port and token, readable by you alone "
        "(default: .tunesmith/server.json in the current folder)",
    )
    parser.add_argument("--verbose", action="store_true", help="log everything")


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client says exit."""
    from tunesmith.server import serve
    from tunesmith.server.transport import token_file as token_files

    if arguments.tcp is None:
        return serve.over_stdio(verbose=arguments.verbose)
    token_file = arguments.token_file or token_files.USUAL
    return serve.over_tcp(port=arguments.tcp, token_file=token_file.resolve(), verbose=arguments.verbose)
