"""`tunesmith delete RUN`: out of the list, into the trash, or gone for good."""

from __future__ import annotations

import argparse

from tunesmith.cli.parts import run_choice

HELP = "delete a run: it goes to .tunesmith/trash, or with --purge for good"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("run", metavar="RUN", nargs="?", help=run_choice.REFERENCE)
    parser.add_argument("--purge", action="store_true", help="remove it for good, not into the trash")
    parser.add_argument("--empty-trash", action="store_true", help="remove for good what was deleted before")
    run_choice.add_project(parser)
    run_choice.add_json(parser)
    parser.set_defaults(usage=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Delete one run, or empty the trash."""
    from tunesmith.runs.folder import refuse_odd_folder
    from tunesmith.runs.trash import delete, purge, trash_of

    if (arguments.run is None) != arguments.empty_trash:
        arguments.usage("give either a RUN or --empty-trash")
    if arguments.empty_trash:
        trash = trash_of(run_choice.root_of(arguments))
        refuse_odd_folder(trash, str(trash))
        gone = sorted(trash.iterdir()) if trash.is_dir() else []
        for item in gone:
            purge(item)
        if arguments.json:
            run_choice.print_json({"purged": [item.name for item in gone]})
        else:
            print(f"removed {len(gone)} runs for good")
        return 0
    found = run_choice.found_run(arguments)
    path = delete(found)
    if arguments.purge:
        purge(path)
    if arguments.json:
        run_choice.print_json({"id": found.id, "trash": None if arguments.purge else str(path)})
    elif arguments.purge:
        print(f"removed {found.id} for good")
    else:
        print(f"{found.id} is now {path}; tunesmith delete --empty-trash frees the room")
    return 0
