"""A rule as text that can be signed: its texts, its figures, and the code that checks it.

The code of a check is its function, the function that makes its case, and all code of the domain that these use.
Functions and constants are found by name. A method or property of a class in a case is found if an attribute of its
name is read. Classes by themselves are left out, and so is `Configuration`: timetables and the calendar have their own
tests.
"""

import ast
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final, get_args, get_origin

from attrs import asdict, fields, frozen, has

from traffic_booking.domain.appointments.person_state import matters
from traffic_booking.domain.decisions import booking, cancelling, moving, signing_in
from traffic_booking.domain.people.attempts import ResetCode, SignInCase
from traffic_booking.domain.people.sign_in import ResumeCase
from traffic_booking.domain.rules import cases, restrictions
from traffic_booking.domain.rules.rule import RuleDefinition, Use
from traffic_booking.domain.rules.rulebook import Rulebook

DOMAIN: Final = "traffic_booking.domain"
MAKERS: Final[Mapping[Use, tuple[Callable[..., Any], ...]]] = {
    Use.HOLD: (booking.booking_case, matters),
    Use.BOOK: (booking.booking_case, matters),
    Use.MOVE: (moving.move_case, matters),
    Use.HOLD_TO_MOVE: (moving.move_case, matters),
    Use.CANCEL: (cancelling.cancellation_case,),
    Use.SIGN_IN: (signing_in.decide_sign_in,),
    Use.REQUEST_RESET: (signing_in.decide_reset_request,),
    Use.RESET_PASSWORD: (signing_in.decide_reset,),
    Use.RESUME: (signing_in.decide_resume,),
}
"""The functions that make cases of more than what was given; those of other uses take over their arguments."""
VALUES: Final = (
    cases.BookingCase,
    cases.MoveCase,
    restrictions.SlotCase,
    cases.AppointmentCase,
    cases.DeclarationCase,
    SignInCase,
    ResetCode,
    ResumeCase,
    Rulebook,
)
"""Where the classes whose methods and properties are signed begin; the classes of their fields follow."""
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
        sentences=_digest(*_texts(definition)),
        figures=_digest(
            *(
                repr((p.name, p.unit, p.least, p.greatest, p.stricter.value, p.off_at_zero))
                for p in definition.parameters
            ),
            *sorted(use.value for use in definition.uses),
            repr((definition.indispensable, definition.looks_back, definition.after)),
        ),
        check=_digest(*sources(definition)),
        evidence=_digest(*nodes),
    )


def _texts(definition: RuleDefinition) -> Iterator[str]:
    for text in (definition.statement, definition.refusal, definition.unmeasured):
        if text is not None:
            yield from (text.ar, text.en)


def sources(definition: RuleDefinition) -> tuple[str, ...]:
    """The source of a check, of the code that makes its case, and of all code that these use, in a fixed order."""
    makers = {each for use in definition.uses for each in MAKERS.get(use, ())}
    found: dict[str, str] = {}
    waiting = [_function(sys.modules[each.__module__], each.__name__) for each in (definition.check, *makers)]
    while waiting:
        part = waiting.pop()
        if part is not None and part.name not in found:
            found[part.name] = ast.get_source_segment(_text(part.module), part.node) or ""
            waiting += _used(part)
    return tuple(f"{name}\n{found[name]}" for name in sorted(found))


@frozen
class _Part:
    """A function, a method, a property or a constant of the domain."""

    module: ModuleType
    name: str
    node: ast.stmt


def _used(part: _Part) -> Iterator[_Part | None]:
    """The parts of the domain that a part uses: functions and constants, and what it reads from values."""
    for used in _body(part.node):
        if isinstance(used, ast.Name):
            yield _function(part.module, used.id)
        elif isinstance(used, ast.Attribute):
            yield from _methods().get(used.attr, ())


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:DIGITS]


@cache
def _text(module: ModuleType) -> str:
    return inspect.getsource(module)


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(_text(module))


@cache
def _function(module: ModuleType, name: str) -> _Part | None:
    """The function or constant of that name, wherever in the domain it is defined; None if it is a class or no part."""
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith(DOMAIN):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _function(import_module(node.module), alias.name)
    for node in _tree(module).body:
        match node:
            case ast.FunctionDef(name=found) | ast.AnnAssign(target=ast.Name(id=found)) if found == name:
                return _Part(module, f"{module.__name__}.{name}", node)
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return _Part(module, f"{module.__name__}.{name}", node)
    return None


def _body(node: ast.stmt) -> Iterator[ast.AST]:
    """The code of a function or a constant, without annotations."""
    if isinstance(node, ast.FunctionDef):
        for statement in (*node.body, *node.args.defaults):
            yield from ast.walk(statement)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        yield from ast.walk(node.value)


@cache
def _methods() -> Mapping[str, tuple[_Part, ...]]:
    """By name, the methods and properties of all classes that a case contains."""
    found: dict[str, tuple[_Part, ...]] = {}
    for each in sorted(_classes(), key=lambda one: one.__qualname__):
        module = sys.modules[each.__module__]
        for node in _tree(module).body:
            if isinstance(node, ast.ClassDef) and node.name == each.__name__:
                for method in (one for one in node.body if isinstance(one, ast.FunctionDef)):
                    part = _Part(module, f"{module.__name__}.{each.__name__}.{method.name}", method)
                    found[method.name] = (*found.get(method.name, ()), part)
    return found


def _classes() -> set[type]:
    """The classes of `VALUES`, of their fields, and so on, with those that they extend."""
    found: set[type] = set()
    waiting: list[Any] = [*VALUES]
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        one = get_origin(one) or one
        if isinstance(one, type) and one not in found and one.__module__.startswith(DOMAIN):
            found.add(one)
            waiting += one.__bases__
            waiting += [each.type for each in fields(one)] if has(one) else []
    return found
