"""The command line's door: the command `tunesmith`, and `python -m tunesmith`.

In a folder of somebody else's the command is the safe one: `python -m` looks for `tunesmith` itself, and for what
Python needs to find it, in the working folder first.
"""

import sys

from tunesmith.python_process import leave_project_out


def main() -> int:
    """Run the command line; returns the exit status."""
    leave_project_out()
    from tunesmith.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
