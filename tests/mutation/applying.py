"""Putting a mutant in the place of what runs: in this process, after everything has been imported."""

import ast
import contextlib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any


class NotApplicableError(Exception):
    """The change cannot be put in place here: it is counted apart."""


def apply(root: Path, path: str, owner: str, source: str, *, is_function: bool) -> None:
    """Put a changed function or constant in the place of the one that runs.

    A function gets its changed code wherever it is referred to, behind decorators too; a constant's new value stands
    in every module that imported it.

    Raises:
        NotApplicableError: see there.
    """
    file = str(root / path)
    # What raises here would raise at import: somebody notices.
    code = compile(source, file, "exec", dont_inherit=True)
    if is_function:
        _code_exchange(file, owner, code)
    else:
        _constant_exchange(_module(path), owner, code, source)


def _code_exchange(file: str, owner: str, code: CodeType) -> None:
    old_code = compile(Path(file).read_text(encoding="utf-8"), file, "exec", dont_inherit=True)
    old, new = _inside(old_code, owner), _inside(code, owner)
    if len(old) == len(new):
        exchanged = {each: other for each, other in zip(old, new, strict=True) if each != other}
    else:
        # It lost or got a function inside: the outermost is exchanged, and makes the others.
        exchanged = {old[0]: new[0]}
    functions = [
        each
        for each in gc.get_objects()
        if type(each) is FunctionType and each.__code__.co_filename == file and each.__code__ in exchanged
    ]
    if not functions:
        raise NotApplicableError(f"{owner} is nowhere.")
    for function in functions:
        changed = exchanged[function.__code__]
        if len(changed.co_freevars) == len(function.__code__.co_freevars):
            function.__code__ = changed
        else:
            _method_exchange(function, changed)


def _method_exchange(function: FunctionType, changed: CodeType) -> None:
    """Put another method into a class, where the change calls ``super()`` no more."""
    parent, _, name = function.__qualname__.rpartition(".")
    found = getattr(sys.modules[function.__module__], parent, None)
    if changed.co_freevars or found is None or vars(found).get(name) is not function:
        raise NotApplicableError(f"{function.__qualname__} closes over something else.")
    made = FunctionType(changed, function.__globals__, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    setattr(found, name, made)


def _inside(code: CodeType, owner: str) -> list[CodeType]:
    """Return the code of a function and of all functions inside it, the outermost first."""
    return [
        each for each in walk(code) if each.co_qualname == owner or each.co_qualname.startswith(f"{owner}.<locals>")
    ]


def walk(code: CodeType) -> Iterator[CodeType]:
    """Yield a code and all that are inside it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from walk(each)


def _constant_exchange(module: ModuleType, owner: str, code: CodeType, source: str) -> None:
    names = owner.split(",")
    before = {name: getattr(module, name) for name in names}
    # In a copy: all other statements of the file are done once more, and forgotten.
    tree = ast.parse(source)
    tree.body = [each for each in tree.body if _assigns(each, names)]
    space = dict(vars(module))
    exec(compile(tree, str(code.co_filename), "exec"), space)
    for name, was in before.items():
        for other in list(sys.modules.values()):
            with contextlib.suppress(AttributeError, TypeError):
                if vars(other).get(name, _NOTHING) is was:
                    setattr(other, name, space[name])


_NOTHING = object()


def _assigns(statement: Any, names: list[str]) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    found = {
        each.id for target in targets if target is not None for each in ast.walk(target) if isinstance(each, ast.Name)
    }
    return isinstance(statement, (ast.Assign, ast.AnnAssign)) and bool(found & set(names))


def _module(path: str) -> ModuleType:
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if name not in sys.modules:
        raise NotApplicableError(f"{name} is not imported.")
    return sys.modules[name]
