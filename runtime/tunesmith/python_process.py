"""How the Python processes of Tunesmith start: with nothing of a project on their import path.

`python -m NAME` looks for every module in the working folder first, so that a project's random.py would take the place
of the standard library's, in every process that works there. All our command lines of a Python process are made here.
What a process cannot prevent from outside, `leave_project_out` mends as the first thing that it does inside; so this
file imports nothing that is not there already when Python has started. The page docs/trust.md says what may run when.
"""

import os
import sys

PROJECT_PATH = "TUNESMITH_PROJECT_PATH"
"""The environment variable with the folders that `leave_project_out` took out of PYTHONPATH: trusted code of the
project may import from them, we do not."""

OWN_FOLDER = os.path.dirname(os.path.realpath(__file__))
"""The working folder of a process that needs none: libraries also look for their settings in the working folder, and
Windows for shared libraries."""

# `-P` is not known before Python 3.11. What `-c` puts first on the path stands for the working folder.
_CODE = "import sys; del sys.path[0]"
_MODULE = f"{_CODE}; del sys.argv[0]; import runpy; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"


def module_command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command line that runs `module` as `python -m` does, with the arguments."""
    safe = ("-P", "-m") if sys.version_info >= (3, 11) else ("-c", _MODULE)
    return (sys.executable, *safe, module, *arguments)


def code_command(code: str) -> tuple[str, ...]:
    """The command line that runs the text of a program."""
    safe = ("-P", "-c", code) if sys.version_info >= (3, 11) else ("-c", f"{_CODE}\n{code}")
    return (sys.executable, *safe)


def script_command(script: str) -> tuple[str, ...]:
    """The command line that runs a file of ours; what lies beside the file cannot be imported."""
    return code_command(f"import runpy; runpy.run_path({script!r}, run_name='__main__')")


def without_project(environment: dict[str, str], folder: str) -> dict[str, str]:
    """The environment without those folders of PYTHONPATH that are `folder` or relative to it.

    An empty entry, which a line such as `export PYTHONPATH=$PYTHONPATH:/my/library` leaves, is the working folder too.
    What is left out stands in the variable `PROJECT_PATH`. The folder that holds Tunesmith itself stays.
    """
    given = environment.get("PYTHONPATH")
    if not given:
        return environment
    here, ours = os.path.realpath(folder), os.path.dirname(OWN_FOLDER)
    stays, goes = [], environment.get(PROJECT_PATH, "").split(os.pathsep)
    for entry in given.split(os.pathsep):
        path = os.path.join(folder, entry)
        is_project = not os.path.isabs(entry) or os.path.realpath(path) == here
        if is_project and os.path.realpath(path) != ours:
            goes.append(os.path.normpath(path))
        else:
            stays.append(path)
    cleaned = {**environment, "PYTHONPATH": os.pathsep.join(stays)}
    left_out = [path for path in dict.fromkeys(goes) if path]
    if left_out:
        cleaned[PROJECT_PATH] = os.pathsep.join(left_out)
    if not stays:
        del cleaned["PYTHONPATH"]
    return cleaned


def leave_project_out() -> None:
    """Take the working folder off the import path of this process, and of those that it will start.

    For the door of the command line, before anything else is imported: `python -m` may have been typed without the
    flags above, and PYTHONPATH may be relative.
    """
    try:
        here = os.getcwd()
    except OSError:  # the working folder was deleted: it holds nothing
        return
    cleaned = without_project(dict(os.environ), here)
    left_out = cleaned.get(PROJECT_PATH, "").split(os.pathsep)
    for name in ("PYTHONPATH", PROJECT_PATH):
        if name in cleaned:
            os.environ[name] = cleaned[name]
        else:
            os.environ.pop(name, None)
    gone = {os.path.realpath(path) for path in (here, *left_out) if path}
    gone.discard(os.path.dirname(OWN_FOLDER))
    # Only what stands before the standard library can take a module's place, or was put there by the ways above.
    library = os.path.dirname(os.__file__)
    head = sys.path.index(library) if library in sys.path else len(sys.path)
    sys.path[:head] = [path for path in sys.path[:head] if os.path.realpath(path) not in gone]
