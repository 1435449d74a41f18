"""A rule as text that can be signed: its sentences, its figures, and the code that checks it.

The code of a check is its function, and the code that it uses in domain/rules/: functions and constants by name, and
the properties that it reads from its case. Classes by themselves, and code outside of that folder, are left out.
"""

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Final

from attrs import asdict, frozen

from traffic_booking.domain.rules import cases
from traffic_booking.domain.rules.rule import RuleDefinition
from traffic_booking.domain.rules.verdict import Finding

FOLDER: Final = "traffic_booking.domain.rules"
DIGITS: Final = 16
"""How many digits of a SHA-256 are kept: enough to notice a change."""


@frozen(kw_only=True)
class Signature:
    """The signed parts of one rule, each as the first hexadecimal digits of its SHA-256."""

    sentences: str
    figures: str
    check: str
    evidence: str

    def differing(self, other: "Signature") -> tuple[str, ...]:
        """The names of the parts that aren't the same."""
        mine, theirs = asdict(self), asdict(other)
        return tuple(name for name in mine if mine[name] != theirs[name])


def signature(definition: RuleDefinition, nodes: tuple[str, ...]) -> Signature:
    """The parts of a rule as they are today; `nodes` are the tests that are its evidence."""
    return Signature(
        sentences=_digest(definition.statement.ar, definition.statement.en),
        figures=_digest(
            *(
                repr((p.name, p.unit, p.least, p.greatest, p.stricter.value, p.off_at_zero))
                for p in definition.parameters
            ),
            *sorted(use.value for use in definition.uses),
            repr((definition.indispensable, definition.looks_back)),
        ),
        check=_digest(*sources(definition.check)),
        evidence=_digest(*nodes),
    )


def sources(check: Callable[..., Finding]) -> tuple[str, ...]:
    """The source of a check and of all code that it uses, in a fixed order."""
    found: dict[tuple[str, str], str] = {}
    waiting = [(sys.modules[check.__module__], check.__name__)]
    while waiting:
        module, name = waiting.pop()
        place, node = _definition(module, name)
        if node is None or place is None or (place.__name__, name) in found:
            continue
        found[place.__name__, name] = ast.get_source_segment(_text(place), node) or ""
        waiting += ((place, used.id) for used in _body(node) if isinstance(used, ast.Name))
        if isinstance(node, ast.FunctionDef):
            found |= _read_of_cases(place, node)
    return tuple(f"{module}.{name}\n{found[module, name]}" for module, name in sorted(found))


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGITS]


@cache
def _text(module: ModuleType) -> str:
    return inspect.getsource(module)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(_text(module))


def _definition(module: ModuleType, name: str) -> tuple[ModuleType | None, ast.stmt | None]:
    """The function or constant of that name, and its module; none if it is a class or from another folder."""
    for node in _tree(module).body:
        match node:
            case ast.FunctionDef(name=found) | ast.AnnAssign(target=ast.Name(id=found)) if found == name:
                return module, node
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return module, node
            case ast.ImportFrom(module=str(origin), names=names) if origin.startswith(FOLDER):
                for alias in names:
                    if (alias.asname or alias.name) == name:
                        return _definition(sys.modules[origin], alias.name)
    return None, None


def _body(node: ast.stmt) -> Iterator[ast.AST]:
    """The code of a function or a constant, without annotations."""
    if isinstance(node, ast.FunctionDef):
        for statement in (*node.body, *node.args.defaults):
            yield from ast.walk(statement)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield from ast.walk(node.value)


def _read_of_cases(module: ModuleType, function: ast.FunctionDef) -> dict[tuple[str, str], str]:
    """The properties that a function reads from those of its arguments that are classes of domain/rules/."""
    read = {used.attr for used in _body(function) if isinstance(used, ast.Attribute)}
    found = {}
    for argument in function.args.args:
        name = argument.annotation.id if isinstance(argument.annotation, ast.Name) else ""
        kind = getattr(module, name, None) or getattr(cases, name, None)  # rules import cases for type checkers alone
        if not isinstance(kind, type) or not kind.__module__.startswith(FOLDER):
            continue
        place = sys.modules[kind.__module__]
        for method in _methods(place, kind.__name__):
            if method.name in read:
                found[place.__name__, f"{kind.__name__}.{method.name}"] = (
                    ast.get_source_segment(_text(place), method) or ""
                )
    return found


def _methods(module: ModuleType, class_name: str) -> Iterator[ast.FunctionDef]:
    for node in _tree(module).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name:
            yield from (method for method in node.body if isinstance(method, ast.FunctionDef))
