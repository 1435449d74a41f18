"""The texts of errors in the sources, with named places for values.

A text is followed through local names, constants, both branches of a condition, functions that return text, and the
arguments of functions that pass a parameter on to an error.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

SOURCES: Final = Path("src/traffic_booking")

SEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "InvalidInput": ("field", "got", "expected"),
    "Fault": ("", "", "", "got", "expected"),
    "Flaw": ("", "got", "expected"),
    "InvalidCatalogue": ("", "kind"),
    "Parameter": ("field",),
    "NotFound": ("what", "", "reason"),
    "MissingExtra": ("part", "", "needs"),
    **dict.fromkeys(
        ("StoreError", "StoreUnavailable", "StoreUnreadable", "StoreContended", "StoreClosed"), ("message",)
    ),
    **dict.fromkeys(("StoreMisconfigured", "StoreBehindLog", "LogUnreadable"), ("message",)),
}
"""The parameters of each error that a person reads, in their order."""

TABLES: Final[Mapping[str, str]] = {
    "field": "FIELDS",
    "kind": "FIELDS",
    "where": "FIELDS",
    "what": "KINDS",
    "part": "KINDS",
    "item": "TEXTS",
    "got": "TEXTS",
    "expected": "TEXTS",
    "reason": "TEXTS",
    "needs": "TEXTS",
}
"""The table of `domain/messages/arabic.py` that translates each part of a message."""

FOR_DEVELOPERS: Final = frozenset({"ports/collections.py"})  # declarations of stored records: no user causes these
MOST_TEXTS: Final = 60
DEEPEST: Final = 8
_NEIGHBOURS: Final = re.compile(r"(\{\w+\})(?:\{\w+\})+")
_MESSAGE: Final = re.compile(r"(?:(?P<where>.*?): )?(?:got )?(?P<got>.*?)(?:; expected (?P<expected>.*))?")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source(NamedTuple):
    """One text, the table that has its Arabic, and the place that raises it."""

    place: str
    table: str
    text: str


class _Scope(NamedTuple):
    module: "_Module"
    function: _Function | None


class _Module:
    def __init__(self, path: Path) -> None:
        self.path = path
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions: dict[str, _Function] = {}
        self.values: dict[str, list[ast.expr]] = {}
        self.calls: list[tuple[_Function | None, ast.Call]] = []
        self.classes: dict[_Function, str] = {}
        self.bases: dict[str, list[str]] = {}
        self.validated: list[str] = []
        self._walk(tree, None, None)

    def _walk(self, node: ast.AST, function: _Function | None, of_class: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _Function):
                self.functions.setdefault(f"{of_class}.__init__" if child.name == "__init__" else child.name, child)
                if of_class is not None:
                    self.classes[child] = of_class
                self._walk(child, child, None)
                continue
            if isinstance(child, ast.ClassDef):
                self.bases[child.name] = [each.id for each in child.bases if isinstance(each, ast.Name)]
                self._walk(child, function, child.name)
                continue
            if isinstance(child, ast.Call):
                self.calls.append((function, child))
            if function is None and isinstance(child, ast.Assign | ast.AnnAssign) and child.value is not None:
                for name in _names(child):
                    self.values.setdefault(name, []).append(child.value)
                    if of_class and "validator=" in ast.unparse(child.value):
                        self.validated.append(name)
            self._walk(child, function, of_class)


def _names(statement: ast.AST) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=targets):
            yield from (each.id for each in targets if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
            yield name
        case _:
            pass


class _Collector:
    """All texts of errors below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules = [_Module(path) for path in sorted(folder.rglob("*.py")) if "testing" not in path.parts]
        self._constants: dict[str, tuple[_Module, list[ast.expr]]] = {}
        for module in self._modules:
            for name, values in module.values.items():
                self._constants.setdefault(name, (module, values))
        self._sinks: dict[tuple[str, str], set[str]] = {}  # (function, parameter) -> roles
        self._positions: dict[str, tuple[str, ...]] = dict(SEEDS)
        self.found: set[Source] = set()
        self._begin()
        seen = -1
        while seen != len(self._sinks) + len(self.found):
            seen = len(self._sinks) + len(self.found)
            for module in self._modules:
                self._collect(module)
        for module in self._modules:
            self.found |= {Source(module.path.name, "FIELDS", name) for name in module.validated}

    def _begin(self) -> None:
        """Follow the errors, and the classes of their own that inherit a constructor."""
        for name, bases in [each for module in self._modules for each in module.bases.items()]:
            for base in bases:
                if base in SEEDS:
                    self._positions.setdefault(name, SEEDS[base])
        for name, parameters in self._positions.items():
            self._sinks |= {(name, parameter): {parameter} for parameter in parameters if parameter}

    def _collect(self, module: _Module) -> None:
        for name, defined in module.functions.items():
            called = name.removesuffix(".__init__")
            for parameter, default in _defaults(defined.args):
                for role in self._sinks.get((called, parameter), ()):
                    for text in self._texts(default, _Scope(module, None), role):
                        self._add(text, role, f"{module.path.relative_to(self._folder)}:{defined.lineno}")
        for function, call in module.calls:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name.startswith("_") and name not in module.functions:
                continue
            for parameter, argument in self._arguments(name, call):
                for role in self._sinks.get((name, parameter), ()):
                    scope = _Scope(module, function)
                    for text in self._texts(argument, scope, role):
                        self._add(text, role, f"{module.path.relative_to(self._folder)}:{call.lineno}")

    def _add(self, text: str, role: str, place: str) -> None:
        if role == "message" and "got " not in text:
            role = "where"  # it stands before the message of another error
        parts = {role: text} if role != "message" else _MESSAGE.fullmatch(text).groupdict()  # type: ignore[union-attr]
        for part, each in parts.items():
            if each and not _is_value(each) and place.split(":", maxsplit=1)[0] not in FOR_DEVELOPERS:
                self.found.add(Source(place, TABLES[part], each))

    def _arguments(self, name: str, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        yield from zip(self._positions.get(name, ()), call.args, strict=False)
        yield from ((each.arg, each.value) for each in call.keywords if each.arg is not None)

    def _texts(  # noqa: C901, PLR0911, PLR0912 - one case for each kind of expression
        self, node: ast.expr, scope: _Scope, role: str, depth: int = 0
    ) -> list[str]:
        """The texts that an expression may give; a value is a place in braces."""
        if depth > DEEPEST:
            return ["{value}"]

        def go(each: ast.expr) -> list[str]:
            return self._texts(each, scope, role, depth + 1)

        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return _joined([self._inner(each, scope, depth) for each in parts])
            case ast.IfExp(body=body, orelse=other):
                return [*go(body), *go(other)]
            case ast.BoolOp(values=values):
                return [text for each in values for text in go(each)]
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return _joined([go(left), go(right)])
            case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Name(id=name)]) if scope.function is not None:
                assigned = [getattr(each, "value", None) for each in ast.walk(scope.function) if name in _names(each)]
                items = [item for each in assigned if isinstance(each, ast.List) for item in each.elts]
                return [text for item in items for text in go(item)] or ["{names}"]
            case ast.NamedExpr(value=value):
                return go(value)
            case ast.Call(func=ast.Attribute(value=value, attr="rstrip" | "strip")):
                return go(value)
            case ast.Call(func=ast.Name(id=name)) if name in scope.module.functions:
                made = scope.module.functions[name]
                inner = _Scope(scope.module, made)
                returned = [each.value for each in ast.walk(made) if isinstance(each, ast.Return) and each.value]
                return [text for each in returned for text in self._texts(each, inner, "", depth + 1)] or ["{value}"]
            case ast.Subscript(value=ast.Name(id=name)):
                return [text for each in self._values(name, scope) for text in self._members(each, scope)] or [
                    "{value}"
                ]
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, other]):
                found = [text for each in self._values(name, scope) for text in self._members(each, scope)]
                return [*found, *go(other)] if found else ["{value}"]
            case ast.Name(id=name):
                return self._named(name, scope, role, depth)
            case _:
                return [_place(node)]

    def _members(self, node: ast.expr, scope: _Scope) -> list[str]:
        """The texts in a table of the module."""
        match node:
            case ast.Dict(values=values):
                return [text for each in values for text in self._texts(each, scope, "", 1)]
            case ast.DictComp(generators=[ast.comprehension(iter=ast.Tuple(elts=rows)), *_]):
                return [text for row in rows for text in self._texts(row.elts[-1], scope, "", 1)]  # type: ignore[attr-defined]
            case _:
                return []

    def _inner(self, part: ast.expr, scope: _Scope, depth: int) -> list[str]:
        if not isinstance(part, ast.FormattedValue):
            return [ast.literal_eval(part)]
        if part.conversion == -1 and part.format_spec is None:
            texts = self._texts(part.value, scope, "", depth + 1)
            if all(not _is_value(text) for text in texts):
                return texts
            return sorted({text if not _is_value(text) else _place(part.value) for text in texts})
        return [_place(part.value)]

    def _values(self, name: str, scope: _Scope) -> list[ast.expr]:
        if name in scope.module.values:
            return scope.module.values[name]
        return self._constants[name][1] if name in self._constants else []

    def _named(self, name: str, scope: _Scope, role: str, depth: int) -> list[str]:
        function = scope.function
        if function is not None:
            texts = []
            for each in ast.walk(function):
                if name in _names(each) and each.value is not None:  # type: ignore[attr-defined]
                    texts += self._texts(each.value, scope, role, depth + 1)  # type: ignore[attr-defined]
                texts += self._unpacked(each, name, scope, role, depth)
            arguments = function.args
            named = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
            if name in named:
                called = scope.module.classes.get(function) if function.name == "__init__" else function.name
                if role and called:
                    self._sinks.setdefault((called, name), set()).add(role)
                    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
                    method = positional[:1] in (["self"], ["cls"])
                    self._positions.setdefault(called, tuple(positional[1:] if method else positional))
                return texts or [f"{{{name}}}"]
            if texts:
                return texts
        values = self._values(name, scope)
        module = scope.module if name in scope.module.values else self._constants.get(name, (scope.module, []))[0]
        found = [
            text
            for each in values
            for text in self._texts(each, _Scope(module, None), role, depth + 1)
            if not isinstance(each, ast.Dict | ast.Constant) or isinstance(getattr(each, "value", None), str)
        ]
        return found or [f"{{{name}}}"]

    def _unpacked(self, each: ast.AST, name: str, scope: _Scope, role: str, depth: int) -> list[str]:
        """The texts of a name in `a, b = x, y` and in `for a, b in ((x, y), …)`."""
        rows: list[tuple[ast.expr, ast.expr]] = []
        match each:
            case ast.Assign(targets=[target], value=ast.Tuple() as value):
                rows = [(target, value)]
            case ast.For(target=target, iter=ast.Tuple(elts=values)):
                rows = [(target, value) for value in values]
            case _:
                pass
        return [
            text
            for target, value in rows
            for to, one in _paired(target, value)
            if isinstance(to, ast.Name) and to.id == name
            for text in self._texts(one, scope, role, depth + 1)
        ]


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from ((a.arg, d) for a, d in zip(reversed(positional), reversed(arguments.defaults), strict=False))
    yield from ((a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None)


def _joined(parts: list[list[str]]) -> list[str]:
    texts = sorted({_NEIGHBOURS.sub(r"\1", "".join(each)) for each in product(*parts)})
    assert len(texts) <= MOST_TEXTS, texts
    return texts


def _is_value(text: str) -> bool:
    return text.startswith("{") and text.endswith("}") and text.count("{") == 1


def _place(node: ast.expr) -> str:  # noqa: PLR0911 - as above
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name == "__name__":
                return "{type}"
            return f"{{{name.strip('_').lower()}}}"
        case ast.Call(func=ast.Name(id="len")):
            return "{number}"
        case ast.Call(func=ast.Name(id="repr" | "str"), args=[inner]):
            return _place(inner)
        case ast.Call(func=ast.Attribute(attr="join")):
            return "{names}"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) | ast.Subscript(value=ast.Name(id=name)):
            return f"{{{name.strip('_').lower()}}}"
        case _:
            return "{value}"


def sources(folder: Path = SOURCES) -> frozenset[Source]:
    """Every text of an error in the sources below `folder`."""
    return frozenset(_Collector(folder).found)
