"""Code from the user's project, named in a job as `package.module:callable`: the one place that imports it.

Until then nothing of a project is on the import path (see `tunesmith.python_process`).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from tunesmith.errors import NOWHERE, Place, TunesmithError, is_failure, nearest
from tunesmith.python_process import PROJECT_PATH

CALLABLE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
NO_CODE = {"TUNESMITH_PROJECT_CODE": "no"}
"""In the environment of a worker that an untrusted client started: it imports nothing that its job names."""
SHOWN = 20
"""Names that an error lists as those that there are."""
_REQUIREMENT = re.compile(r"\s*([\w.-]+)")
_STRAY = {"example", "examples", "test", "tests", "docs", "scripts", "tools"}  # packages leave these by mistake
_EXTRA = re.compile(r"extra == ['\"]([\w-]+)")


def is_callable_name(text: str) -> bool:
    """Whether `text` has the form `package.module:callable` (a Windows path such as C:x does not resolve to a name)."""
    return CALLABLE.fullmatch(text) is not None


def untrusted(name: str, place: Place) -> TunesmithError:
    """The error where `name` would have to be imported."""
    return TunesmithError(
        "job.untrusted",
        f"{name} would run code of this project, which is not trusted yet",
        place=place,
        hint="trust the project, or use a model, loss or data file that needs no code",
    )


def no_such_callable(
    name: str, depth: int, known: Iterable[str], place: Place, *, read: Path | None = None
) -> TunesmithError:
    """The error where part number `depth` of the path behind the colon is not there, but `known` are.

    `read`: the file that was read, where nothing was imported.
    """
    module, _, path = name.partition(":")
    parts = path.split(".")
    public = sorted(each for each in known if not each.startswith("_"))
    close = nearest(parts[depth], public)
    meant = ".".join([*parts[:depth], close, *parts[depth + 1 :]]) if close else ""
    return TunesmithError(
        "job.no-such-callable",
        f"{module} has no {path}" + (f" ({read.name} was read)" if read else ""),
        place=place,
        found=name,
        allowed=public[:SHOWN],
        hint=f"rename it to {module}:{meant}" if meant else "",
    )


def import_callable(name: str, folder: Path, *, trusted: bool = True, place: Place = NOWHERE) -> Any:
    """The object that `name` (`package.module:callable`) stands for, imported from the project's `folder`.

    The project's own modules are found before installed packages of the same name, but never take the place of a
    module of the standard library or of a package that Tunesmith needs.
    Raises TunesmithError job.untrusted, job.cannot-import, job.module-name-taken or job.no-such-callable.
    """
    if not trusted or NO_CODE.items() <= os.environ.items():
        raise untrusted(name, place)
    module_name, _, attribute = name.partition(":")
    modules = _modules_of(folder)
    modules.named.add(module_name.partition(".")[0])
    _forget_namesake(module_name.partition(".")[0], modules)
    try:
        found: Any = importlib.import_module(module_name)
    except BaseException as error:  # a script that ends with exit() is no module to import
        if not is_failure(error):
            raise
        if taken := modules.not_imported(module_name):
            raise _taken(module_name, taken, folder, place) from error
        raise TunesmithError(
            "job.cannot-import",
            f"importing {module_name} failed: {type(error).__name__}: {error}",
            place=project_line(error, folder) or place,
            hint=_other_name(error, modules)
            or f"run `python -c 'import {module_name}'` in {folder} to see the whole traceback",
        ) from error
    if taken := modules.not_imported(module_name):
        raise _taken(module_name, taken, folder, place)
    for depth, part in enumerate(attribute.split(".")):
        if not hasattr(found, part):
            raise no_such_callable(name, depth, getattr(found, "__dict__", ()), place)
        found = getattr(found, part)
    return found


def project_line(error: BaseException, folder: Path) -> Place | None:
    """The last line of the project's own code on the way to the error; None where there is none."""
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).is_relative_to(folder):
        return Place(file=Path(error.filename), line=error.lineno, column=error.offset)
    import traceback  # most commands never need it

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(folder) and "site-packages" not in file.parts:
            return Place(file=file, line=frame.lineno)
    return None


def project_folders() -> tuple[str, ...]:
    """The folders whose code may have been imported in this process."""
    return tuple(folder for modules in _finders() for folder in modules.folders)


def forget_projects(*others: str) -> None:
    """Take every project, and these other folders, off the import path again and unload what was imported from them.

    A module that stayed loaded would stand in the way of another project's of the same name.
    """
    gone = {*project_folders(), *others}
    sys.path[:] = [path for path in sys.path if path not in gone]
    for folder in gone:
        sys.path_importer_cache.pop(folder, None)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _ProjectModules)]
    kept = [path for path in sys.path if path]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # The environment may lie inside of the project's folder.
        if isinstance(file, str) and is_below(file, sorted(gone)) and not is_below(file, kept):
            del sys.modules[name]


class _ProjectModules:
    """Finds the modules at the top of a project's folders (a MetaPathFinder; importlib.abc takes long to import).

    The folders stand at the end of `sys.path` too (see `_LastFolder`), for the processes that the project's code starts
    (data loaders) and for its packages without `__init__.py`. There installed packages win. Here the project's own
    `utils` wins over an installed `utils` where the project's code imports it, as it does where its user types
    `python train.py`. Its `random.py` or `yaml.py` never does: the standard library and the packages that Tunesmith is
    built on import those names at any time, long after the path has been changed, and must get their own.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self.folders = list(folders)
        self.named: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The project's module of that name, None where there is none or another one is meant."""
        own = self._own(fullname) if path is None and "." not in fullname else None
        if own is None:
            return None
        installed = self._installed(fullname)
        is_own = installed is None or (self._is_asked_by_project() and fullname not in _needed())
        return own if is_own else installed

    def not_imported(self, module: str) -> Path | None:
        """The project's file for `module` where it has one and another module of that name was imported instead."""
        parts = module.split(".")
        for folder in self.folders:
            for file in (Path(folder, *parts).with_suffix(".py"), Path(folder, *parts, "__init__.py")):
                if file.is_file() and not self._is_own(parts[0]):
                    return file
        return None

    def _is_own(self, name: str) -> bool:
        """Whether the module at the top is the project's: the loaded one, else the one that would be loaded."""
        module = sys.modules.get(name)
        if module is None:
            return self._own(name) is not None and (self._installed(name) is None or name not in _needed())
        return self.has_loaded(name, module)

    def has_loaded(self, name: str, module: ModuleType) -> bool:
        """Whether the loaded module at the top came from this project."""
        return self._holds(name, [getattr(module, "__file__", None), *getattr(module, "__path__", ())])

    def _own(self, name: str) -> ModuleSpec | None:
        if name in sys.stdlib_module_names:
            return None
        found = PathFinder.find_spec(name, self.folders)
        # A folder without `__init__.py` may as well hold data: only the one that a job names is meant for a package.
        return None if found is None or (found.loader is None and name not in self.named) else found

    def _is_asked_by_project(self) -> bool:
        """Whether the import that is going on stands in the project's code, or in a job."""
        asker, _ = _asker()
        if asker is None:
            return False
        if asker.f_code is import_callable.__code__:
            return True
        file = asker.f_code.co_filename
        return is_below(file, self.folders) and not is_below(file, _others(self))

    def is_probed_by_library(self) -> bool:
        """Whether a library asks if a package is installed, to do without it if not."""
        asker, probes = _asker()
        if asker is None or not probes or self._is_asked_by_project():
            return False
        return str(asker.f_globals.get("__name__")).partition(".")[0] not in sys.stdlib_module_names  # such as runpy

    def _installed(self, name: str) -> ModuleSpec | None:
        """What the name means without any project."""
        projects = project_folders()
        path = [entry for entry in sys.path if entry not in projects]
        others = (finder for finder in sys.meta_path if not isinstance(finder, _ProjectModules))
        for finder in others:
            given = path if finder is PathFinder else None
            found = finder.find_spec(name, given) if hasattr(finder, "find_spec") else None
            if found is not None and not self._holds(name, [found.origin]):
                return found
        return None

    def _holds(self, name: str, places: Sequence[str | None]) -> bool:
        """Whether one of these is at the top of the project: the environment may lie deeper in the same folder."""
        tops = {path for folder in self.folders for path in (Path(folder), Path(folder, name))}
        return any(tops & {Path(place), Path(place).parent} for place in places if place)


class _LastFolder(FileFinder):
    """A folder of a project at the end of `sys.path`, as this process looks into it.

    It has no module by a name of the standard library: where that lacks one on this system, such as `winreg`, nothing
    stands in for it. And it is not there for a library that asks whether an optional package is installed: a folder of
    the project called `wandb` or `torchvision` is no answer to that.
    """

    def __init__(self, folder: str, modules: _ProjectModules) -> None:
        super().__init__(
            folder,
            (ExtensionFileLoader, EXTENSION_SUFFIXES),
            (SourceFileLoader, SOURCE_SUFFIXES),
            (SourcelessFileLoader, BYTECODE_SUFFIXES),
        )
        self._modules = modules

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname in sys.stdlib_module_names or self._modules.is_probed_by_library():
            return None
        return super().find_spec(fullname, target)


def _asker() -> tuple[FrameType | None, bool]:
    """Whose code looks for a module right now (`import_callable` for a job), and whether it only asks if there is one,
    by `importlib.util.find_spec`."""
    frame: FrameType | None = sys._getframe(1)
    probes = False
    while frame is not None and frame.f_code is not import_callable.__code__:
        code = frame.f_code
        probes = probes or code is importlib.util.find_spec.__code__
        is_between = code.co_filename in _BETWEEN or code.co_filename.startswith("<frozen importlib")
        # Debuggers put a function of their own in the place of `__import__`.
        if not is_between and code.co_name not in ("__import__", "do_import"):
            break
        frame = frame.f_back
    return frame, probes


def folders_of(folder: Path) -> list[str]:
    """Where a project's code is looked for: its folder, and what its user put on the import path beside it."""
    return list(dict.fromkeys([str(folder), *filter(None, os.environ.get(PROJECT_PATH, "").split(os.pathsep))]))


def _modules_of(folder: Path) -> _ProjectModules:
    """The finder for `folder`, first among those of projects, with the folder at the end of the import path."""
    folders = folders_of(folder)
    modules = next((finder for finder in _finders() if finder.folders == folders), None)
    if modules is None:
        modules = _ProjectModules(folders)
        for path in folders:
            if path not in sys.path:
                sys.path.append(path)
                if Path(path).is_dir():
                    sys.path_importer_cache[path] = _LastFolder(path, modules)
    else:
        sys.meta_path.remove(modules)
    sys.meta_path.insert(_place_among_finders(), modules)
    return modules


def _forget_namesake(name: str, modules: _ProjectModules) -> None:
    """Unload what another project of this process has under the same name, so that this one's is imported."""
    loaded = sys.modules.get(name)
    if loaded is None or modules.has_loaded(name, loaded):
        return
    if any(other.has_loaded(name, loaded) for other in _finders()):
        for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[each]


def _finders() -> list[_ProjectModules]:
    return [finder for finder in sys.meta_path if isinstance(finder, _ProjectModules)]


def _place_among_finders() -> int:
    """Before those that look along the path, and before older projects."""
    return next(
        (
            number
            for number, finder in enumerate(sys.meta_path)
            if finder is PathFinder or isinstance(finder, _ProjectModules)
        ),
        len(sys.meta_path),
    )


_BETWEEN = {__file__, importlib.__file__, importlib.util.find_spec.__code__.co_filename}


def _others(modules: _ProjectModules) -> list[str]:
    """The rest of the import path: the environment may lie in the project's folder."""
    return [entry for entry in sys.path if entry and entry not in modules.folders]


def is_below(file: str, folders: Sequence[str]) -> bool:
    """Whether `file` lies in or below one of the folders, by their names."""
    return any(file.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)


@lru_cache(maxsize=1)
def _needed() -> frozenset[str]:
    """The names, as modules, of everything that Tunesmith requires, and that this requires in turn: where one of these
    is installed, a project cannot have its name."""
    from importlib import metadata

    distributions = metadata.packages_distributions()
    seen, waiting = {"tunesmith"}, [*_requirements("tunesmith")]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _requirements(name)
    needed = {module for module, names in distributions.items() if seen & {_normal(name) for name in names}}
    return frozenset(needed | {"tunesmith"}) - _STRAY


def _requirements(name: str) -> Iterator[str]:
    from importlib import metadata

    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # of another platform, or left out
        return
    for line in lines:
        match, extra = _REQUIREMENT.match(line), _EXTRA.search(line)
        if match and (extra is None or (name == "tunesmith" and extra[1] not in ("test", "lint"))):
            yield _normal(match[1])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _taken(module: str, file: Path, folder: Path, place: Place) -> TunesmithError:
    return TunesmithError(
        "job.module-name-taken",
        f"{file.relative_to(folder) if file.is_relative_to(folder) else file} cannot be imported as {module}: the name "
        "belongs to the standard library or to an installed package",
        place=place,
        found=module,
        hint=f"rename it, for example to my_{module.partition('.')[0]}, here and in the job",
    )


def _other_name(error: BaseException, modules: _ProjectModules) -> str:
    """What helps where the project's code meant a file of its own by the name of a package that is needed."""
    name = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    file = modules.not_imported(name) if name else None
    return f"{name} is the name of an installed package; rename the project's {file.name}" if file else ""
