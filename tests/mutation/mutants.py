"""Making mutants: mutmut's operators on every function and constant, three of our own, and what is left out."""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

# What people read is tested by its sense and not by the letter; what these say is not behaviour.
_SAYING = re.compile(r"_|n?p?gettext(_lazy|_noop)?|logger\.\w+")
_LABELS = {"help", "help_text", "label", "verbose_name", "verbose_name_plural", "description", "heading"}
# Given anything else, these two raise at once (mutmut leaves them out as well).
_UNTOUCHED = {"len", "isinstance"}
# Words that are looked for, and no rule: who would test each would write the list once more.
_LISTS = {"GIVEN"}
_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString)


@dataclass(frozen=True)
class Mutant:
    """One change in one place."""

    path: str
    """Of the file, from the repository's root."""
    owner: str
    """The function or method (``Class.method``) that holds the place, or the constant."""
    is_function: bool
    lines: tuple[int, int]
    """Of the statement that is changed: where it begins and ends."""
    start: int
    """Where in the file's text what is changed begins, and where it ends."""
    end: int
    was: str
    now: str

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return f"{self.path}:{self.lines[0]} {self.owner} @{self.start}: {_short(self.was)} -> {_short(self.now)}"


def files(root: Path, folder: str) -> list[Path]:
    """Return the files below a folder that are mutated: all but migrations and what declares apps and addresses."""
    found = (root / folder).rglob("*.py")
    return sorted(path for path in found if "migrations" not in path.parts and path.name not in ("apps.py", "urls.py"))


def mutants_of(root: Path, path: Path) -> list[Mutant]:
    """Return a file's mutants, each once."""
    text = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text))
    finder = _Finder()
    wrapper.visit(finder)
    starts = [0, *itertools.accumulate(map(len, text.splitlines(keepends=True)))]
    made: dict[tuple[int, int, str], Mutant] = {}
    for place in finder.places:
        start, end = (starts[at.line - 1] + at.column for at in (place.span.start, place.span.end))
        now = wrapper.module.code_for_node(place.changed)
        if text[start:end].strip(" ()") == now.strip(" ()"):
            continue
        made.setdefault(
            (start, end, now.strip()),
            Mutant(
                path=path.relative_to(root).as_posix(),
                owner=place.owner,
                is_function=place.is_function,
                lines=place.lines,
                start=start,
                end=end,
                was=text[start:end],
                now=now,
            ),
        )
    return list(made.values())


def source_of(root: Path, mutant: Mutant) -> str | None:
    """Return the file's text with the change; None where that is no Python, or no other than before."""
    text = (root / mutant.path).read_text(encoding="utf-8")
    source = text[: mutant.start] + mutant.now + text[mutant.end :]
    try:
        return source if ast.dump(ast.parse(source)) != ast.dump(ast.parse(text)) else None
    except SyntaxError:
        return None


def _short(code: str) -> str:
    return " ".join(code.split())


@dataclass(frozen=True)
class _Place:
    span: CodeRange
    changed: cst.CSTNode
    owner: str
    is_function: bool
    lines: tuple[int, int]


class _Finder(cst.CSTVisitor):
    """Walks a file and keeps each change that could be made."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.places: list[_Place] = []
        self._classes: list[str] = []
        self._function = ""
        self._constant = ""
        self._statements: list[tuple[int, int]] = []
        self._raising = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._is_left_out(node):
            return False
        if isinstance(node, cst.ClassDef) and not self._function:
            self._classes.append(node.name.value)
        elif isinstance(node, cst.FunctionDef) and not self._function:
            self._function = ".".join([*self._classes, node.name.value])
        elif self._is_constant(node):
            self._constant = self._named(node)
            # A name of a type is a kind of annotation.
            if self._constant in _LISTS or isinstance(getattr(node, "value", None), cst.Subscript):
                self._constant = ""
                return False
        if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            self._statements.append(self._span(node))
        if isinstance(node, cst.Raise):
            self._raising += 1
        if self._function or self._constant:
            for changed in self._changes(node):
                self._keep(node, changed)
            if isinstance(node, (cst.If, cst.CompIf)):
                for changed in _forced(node.test):
                    self._keep(node.test, changed)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        node = original_node
        if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            self._statements.pop()
        if isinstance(node, cst.Raise):
            self._raising -= 1
        if isinstance(node, cst.ClassDef) and not self._function and self._classes[-1:] == [node.name.value]:
            self._classes.pop()
        elif isinstance(node, cst.FunctionDef) and ".".join([*self._classes, node.name.value]) == self._function:
            self._function = ""
        elif self._constant and self._is_constant(node):
            self._constant = ""

    def _is_constant(self, node: cst.CSTNode) -> bool:
        return not self._function and not self._classes and isinstance(node, (cst.Assign, cst.AnnAssign))

    @staticmethod
    def _named(node: cst.CSTNode) -> str:
        targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]  # type: ignore[attr-defined]
        return ",".join(cst.Module([]).code_for_node(target) for target in targets)

    def _is_left_out(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Parameters)):
            return True
        # A text that stands alone is a docstring.
        if isinstance(node, cst.Expr) and isinstance(node.value, _TEXTS):
            return True
        if isinstance(node, cst.Call):
            called = cst.Module([]).code_for_node(node.func)
            return bool(_SAYING.fullmatch(called)) or called in _UNTOUCHED or called in ("cast", "TypeVar")
        if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value in _LABELS:
            return True
        # What an exception says is for whoever keeps the site.
        return bool(self._raising) and isinstance(node, _TEXTS)

    def _changes(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                changes = iter(operator(node))
                if isinstance(node, cst.SimpleString):
                    # mutmut makes three of each text; a test that notices one notices all.
                    changes = iter([first]) if (first := next(changes, None)) is not None else iter(())
                for changed in changes:
                    if not (self._raising and isinstance(node, cst.Call) and _loses_text(node, changed)):
                        yield changed
        yield from _dropped(node)

    def _keep(self, node: cst.CSTNode, changed: cst.CSTNode) -> None:
        owner, is_function = (self._function, True) if self._function else (self._constant, False)
        lines = self._statements[-1] if self._statements else self._span(node)
        self.places.append(_Place(self.get_metadata(PositionProvider, node), changed, owner, is_function, lines))

    def _span(self, node: cst.CSTNode) -> tuple[int, int]:
        position = self.get_metadata(PositionProvider, node)
        end = position.end.line
        body = getattr(node, "body", None)
        if isinstance(node, cst.BaseCompoundStatement) and body is not None and not isinstance(node, cst.Try):
            # Of what holds other statements, the head.
            end = max(position.start.line, self.get_metadata(PositionProvider, body).start.line - 1)
        return position.start.line, end


def _loses_text(node: cst.Call, changed: Any) -> bool:
    """Whether a change to an exception's arguments only takes its sentence away."""
    kept = {id(arg.value) for arg in changed.args}
    return any(id(arg.value) not in kept and isinstance(arg.value, _TEXTS) for arg in node.args)


def _dropped(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    """Leave out a statement that is done for what it does: a call, a ``raise``, a ``del``."""
    if isinstance(node, (cst.Raise, cst.Del)) or (isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)):
        called = cst.Module([]).code_for_node(node)
        if not called.startswith("logger."):
            yield cst.Pass()


def _forced(test: cst.BaseExpression) -> Iterable[cst.CSTNode]:
    """Decide an ``if`` or the filter of a comprehension beforehand, as mutmut does for conditional expressions."""
    grouped = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    for operator, word in ((cst.And(), "False"), (cst.Or(), "True")):
        decided = cst.BooleanOperation(left=grouped, operator=operator, right=cst.Name(word))
        yield decided.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
