"""What is wrong with the callables that a job names, found by reading the project's code. Nothing of it is imported.

Only what is sure is said: a module that builds its names at run time, a decorated function, or a class that takes its
constructor from elsewhere may know more than can be read.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunesmith.errors import Place, Problem, nearest
from tunesmith.job.job import Job
from tunesmith.trust import SHOWN, folders_of, is_callable_name, no_such_callable, untrusted

LARGEST = 2_000_000  # bytes of a module; more is no code that somebody wrote

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A callable that a job names under `key`: it is called with `given` by position, and with `options` by name.

    `filled`: names that are passed only where the callable knows them. None for `options`: nothing is known of them.
    """

    key: str
    name: str
    given: int = 0
    options: Mapping[str, Any] | None = None
    filled: Sequence[str] = ()


@dataclass(slots=True)
class _Scope:
    """The names that a module or class defines; `is_open`: it may have others."""

    nodes: dict[str, ast.AST] = field(default_factory=dict)
    is_open: bool = False


def callables_of(job: Job) -> Iterator[Named]:
    """Every `package.module:callable` that a run of the job would import."""
    name = str(job.model.options.get("name", job.model.name))
    if is_callable_name(name) and job.model.name == "python":
        ours = ("name", "arguments", "tokenizer", "window")
        options = {key: value for key, value in job.model.options.items() if key not in ours}
        options |= job.model.options.get("arguments") or {}
        yield Named(key="model", name=name, options=options, filled=("outputs", "num_labels"))
    training = job.training
    for key, pick, given, more in (
        ("training.loss", training.loss, 2, {}),
        ("training.optimizer", training.optimizer, 1, {"lr": 0.0}),
    ):
        if is_callable_name(pick.name):
            yield Named(key=key, name=pick.name, given=given, options={**pick.options, **more})
    for part in ("train", "validation", "test"):
        source = getattr(job.data, part)
        if isinstance(source, str) and is_callable_name(source) and not job.resolve(source).exists():
            yield Named(key=f"data.{part}", name=source, options={})


def refuse_code(job: Job, *, trusted: bool) -> None:
    """Raises job.untrusted where a run of the job would import code, and the project is not trusted."""
    if trusted:
        return
    for key, name in code_of(job):
        raise untrusted(name, Place(file=job.file, key=key))


def code_of(job: Job) -> Iterator[tuple[str, str]]:
    """The key and name of everything that may be imported, also where no job that is good has a callable."""
    yield from ((named.key, named.name) for named in callables_of(job))
    others = {
        "model": job.model.options.get("name"),
        "model.source": job.model.name,
        "training.schedule": job.training.schedule.name,
    }
    yield from ((key, str(name)) for key, name in others.items() if name and is_callable_name(str(name)))


def read_callables(job: Job) -> list[Problem]:
    """Modules and names that are not there, syntax errors, and arguments that a callable does not take."""
    found: list[Problem] = []
    for named in callables_of(job):
        problem = _read(named, job.folder)
        if problem is not None and problem not in found:
            found.append(problem)
    return found


def _read(named: Named, folder: Path) -> Problem | None:
    module, _, attribute = named.name.partition(":")
    place = Place(key=named.key)
    file = _file_of(module, folder)
    if file is None:
        return None if _is_elsewhere(module, folder) else _no_module(module, folder, place)
    try:
        text = file.read_bytes()
        tree = ast.parse(text, str(file)) if len(text) <= LARGEST else None
    except SyntaxError as error:
        return Problem(
            code="job.cannot-import",
            message=f"{module} has a syntax error: {error.msg}",
            place=Place(file=file, line=error.lineno, column=error.offset),
            found=(error.text or "").strip()[:80],
        )
    except (OSError, ValueError, RecursionError, MemoryError):
        return None  # importing it says more
    if tree is None:
        return None
    scope = _scope(tree.body)
    for depth, part in enumerate(attribute.split(".")):
        node = scope.nodes.get(part)
        if node is None:
            known = [name for name, each in scope.nodes.items() if not _is_import(each)]
            return None if scope.is_open else no_such_callable(named.name, depth, known, place, read=file).problem
        last, scope = node, _scope(node.body) if isinstance(node, ast.ClassDef) else _Scope(is_open=True)
        scope.is_open = scope.is_open or not isinstance(last, ast.ClassDef) or bool(last.bases or last.keywords)
    return _arguments(named, last, file)


def _file_of(module: str, folder: Path) -> Path | None:
    """The module's file in the project, or in what its user put on the import path beside it."""
    paths = [Path(top).joinpath(*module.split(".")) for top in folders_of(folder)]
    files = [file for path in paths for file in (path.with_suffix(".py"), path / "__init__.py")]
    return next((file for file in files if file.is_file()), None)


def _is_elsewhere(module: str, folder: Path) -> bool:
    """Whether the module's first name is a package of the interpreter, or may be: finding it imports nothing."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or any(folder.glob(f"{top}.*.so")):
        return True
    if (folder / top).is_dir() or (folder / f"{top}.py").is_file():
        return False
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return True


def _no_module(module: str, folder: Path, place: Place) -> Problem:
    parent = folder.joinpath(*module.split(".")[:-1])
    here = [file.stem for file in parent.glob("*.py")] + [file.parent.name for file in parent.glob("*/__init__.py")]
    known = sorted(name for name in here if name.isidentifier() and name != "__init__")
    close = nearest(module.rpartition(".")[2], known)
    prefix = module.rpartition(".")[0] + "." if "." in module else ""
    return Problem(
        code="job.cannot-import",
        message=f"there is no module {module}: neither in the project nor among the installed packages",
        place=place,
        found=module,
        allowed=tuple(prefix + name for name in known[:SHOWN]),
        hint=f"rename it to {prefix}{close}" if close else f"modules are looked for in {folder}",
    )


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _scope(body: Sequence[ast.stmt]) -> _Scope:
    """What these statements define, in all branches."""
    scope = _Scope()
    for statement in body:
        _collect(statement, scope)
    return scope


def _collect(statement: ast.stmt, scope: _Scope) -> None:
    if isinstance(statement, (*_Function, ast.ClassDef)):
        scope.nodes[statement.name] = statement
        scope.is_open = scope.is_open or statement.name == "__getattr__"
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            scope.is_open = scope.is_open or alias.name == "*"
            scope.nodes[alias.asname or alias.name.partition(".")[0]] = statement
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                scope.nodes[node.id] = statement
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("globals", "exec", "setattr"):
                scope.is_open = True
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.stmt):
                _collect(child, scope)
            elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                for inner in child.body:
                    _collect(inner, scope)


def _arguments(named: Named, node: ast.AST, file: Path) -> Problem | None:
    """What the call would raise TypeError for."""
    function: ast.AST | None = node
    own = 0
    if isinstance(node, ast.ClassDef):
        constructor = _scope(node.body).nodes.get("__init__")
        function, own = (None, 0) if node.decorator_list or node.keywords else (constructor, 1)
        if named.given == 2:  # a loss: the class is called with the options, what comes out with the two tensors
            named = Named(key=named.key, name=named.name, options=named.options)
    if not isinstance(function, ast.FunctionDef) or function.decorator_list or named.options is None:
        return None
    arguments = function.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    required = positional[: len(positional) - len(arguments.defaults)]
    required += [a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not default]
    by_name = [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]
    taken = positional[: own + named.given]
    passed = {*named.options, *(name for name in named.filled if name in by_name)}
    unknown = [name for name in named.options if name not in by_name or name in taken] if not arguments.kwarg else []
    missing = [name for name in required if name not in taken and name not in passed]
    place = Place(key=named.key)
    where = f"{file.name}:{function.lineno}"
    if own + named.given > len(positional) and not arguments.vararg:
        return Problem(
            code="job.wrong-arguments",
            message=f"{named.name} ({where}) takes {len(positional) - own} positional arguments, and is called with "
            f"{named.given}",
            place=place,
            allowed=tuple(positional[own:]),
        )
    if unknown:
        known = [name for name in by_name if name not in taken]
        close = nearest(unknown[0], known)
        return Problem(
            code="job.wrong-arguments",
            message=f"{named.name} ({where}) takes no argument of that name",
            place=place,
            found=", ".join(unknown),
            allowed=tuple(known) or ("no arguments",),
            hint=f"rename it to {close}" if close else "",
        )
    if missing:
        under = "model: {name: ..., " if named.key == "model" else f"{named.key}: {{{named.name}: {{"
        return Problem(
            code="job.wrong-arguments",
            message=f"{named.name} ({where}) also needs {', '.join(missing)}",
            place=place,
            found=", ".join(named.options) or "no arguments",
            hint=f"give a default in the code, or a value in the job: {under}{missing[0]}: ...",
        )
    return None
