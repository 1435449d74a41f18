"""Writes the awaited form of a module: the same functions over a store whose methods are awaited.

What calls a store's methods, or something that does, becomes `async` and awaits them. Everything else stays in the one
place where it is written, and is imported from there. So the awaited form can say nothing that its source doesn't.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, frozen

PACKAGE: Final = Path("src")
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
ENDS: Final = frozenset({"__enter__", "__exit__"})
EVERYTHING: Final = "*"


class CannotAwaitError(Exception):
    """A source does something that has no awaited form; the message says where, and what has one."""


@frozen(kw_only=True)
class Source:
    """A module, where its awaited form goes, and the words of it that differ.

    `receivers` says of what class a variable or attribute is whose methods may be awaited, as `module.Class`; `all_of`
    are classes all of whose methods are awaited. `words` are replaced in the text, and have to be there.
    """

    module: str
    target: str
    docstring: str
    receivers: Mapping[str, str] = {}
    all_of: tuple[str, ...] = ()
    renamed: Mapping[str, str] = {}
    moved: Mapping[str, str] = {}
    words: Mapping[str, str] = {}

    @property
    def path(self) -> Path:
        """The file of the source."""
        return _file(self.module)

    @property
    def target_path(self) -> Path:
        """The file of the awaited form."""
        return _file(self.target)


@define
class _Edits:
    """Replacements in a text, told by line and column as `ast` counts them."""

    text: bytes
    starts: list[int]
    made: list[tuple[int, int, bytes]]

    @classmethod
    def of(cls, text: str) -> "_Edits":
        encoded = text.encode()
        starts, at = [0], 0
        for line in encoded.splitlines(keepends=True):
            at += len(line)
            starts.append(at)
        return cls(encoded, starts, [])

    def place(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def replace(self, node: ast.expr | ast.alias, new: str) -> None:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        begin, end = self.place(node.lineno, node.col_offset), self.place(node.end_lineno, node.end_col_offset)
        self.made.append((begin, end, new.encode()))

    def insert(self, line: int, column: int, new: str) -> None:
        self.made.append((self.place(line, column), self.place(line, column), new.encode()))

    def drop_lines(self, first: int, last: int) -> None:
        self.made.append((self.starts[first - 1], self.starts[last], b""))

    def done(self) -> str:
        text = self.text
        dropped = [(begin, end) for begin, end, new in self.made if not new and begin != end]
        for begin, end, new in sorted(self.made, key=lambda made: made[0], reverse=True):
            if new and any(first <= begin < last for first, last in dropped):
                continue
            text = text[:begin] + new + text[end:]
        return text.decode()


class Awaiting:
    """The awaited forms of some modules, which may call each other."""

    def __init__(self, sources: tuple[Source, ...], given: Mapping[str, frozenset[str]]) -> None:
        self._sources = {source.module: source for source in sources}
        self._trees = {source.module: ast.parse(source.path.read_text(encoding="utf-8")) for source in sources}
        self._awaited: dict[str, set[str]] = {name: set(methods) for name, methods in given.items()}
        for source in sources:
            for name in source.all_of:
                self._awaited[f"{source.module}.{name}"] = {EVERYTHING}
        while self._find_more():
            pass

    def form_of(self, module: str) -> str:
        """The awaited form of `module`, formatted."""
        source, tree = self._sources[module], self._trees[module]
        text = source.path.read_text(encoding="utf-8")
        edits = _Edits.of(text)
        emitted = {node.name for node in tree.body if self._is_emitted(source, node)}  # type: ignore[attr-defined]  # only definitions are
        kept_behind = [name for node in tree.body for name in _defined(node) if name not in emitted]
        self._leave_out(tree, source, edits)
        for node in tree.body:
            if self._is_emitted(source, node):
                self._rewrite(source, node, edits)
        rewritten = edits.done()
        for old, new in source.words.items():
            if old not in rewritten:
                raise CannotAwaitError(f"{source.path}: expected to find {old!r}, to be replaced in {source.target}")
            rewritten = rewritten.replace(old, new)
        imports = [*self._imports(source, tree), *(f"from {module} import {name}" for name in kept_behind)]
        made_from = f"Made from `{module}` by `python -m tools.check_async --write`: change that."
        parts = [f'"""{source.docstring}\n\n{made_from}\n"""', *imports, rewritten]
        return _formatted("\n".join(parts), source.target_path)

    def _find_more(self) -> bool:
        before = sum(map(len, self._awaited.values()))
        for module, tree in self._trees.items():
            source = self._sources[module]
            for owner, function in _functions(tree):
                home = module if owner is None else f"{module}.{owner}"
                if any(self._is_awaited(source, owner, call) for call in _calls(function)):
                    self._awaited.setdefault(home, set()).add(function.name)
        return sum(map(len, self._awaited.values())) > before

    def _is_awaited(self, source: Source, owner: str | None, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(name):
                homes = (source.module, *_imported_from(self._trees[source.module], name))
                return any(name in self._in(home) for home in homes)
            case ast.Attribute(ast.Name("self"), name):
                return owner is not None and name in self._in(f"{source.module}.{owner}")
            case ast.Attribute(ast.Name(receiver) | ast.Attribute(attr=receiver), name):
                methods = self._in(source.receivers.get(receiver, ""))
                return name in methods or EVERYTHING in methods
            case _:
                return False

    def _in(self, home: str) -> set[str]:
        return self._awaited.get(home, set())

    def _is_async(self, source: Source, owner: str | None, function: ast.FunctionDef) -> bool:
        methods = self._in(source.module if owner is None else f"{source.module}.{owner}")
        return function.name in methods or EVERYTHING in methods or (bool(methods) and function.name in ENDS)

    def _is_emitted(self, source: Source, node: ast.stmt) -> bool:
        match node:
            case ast.FunctionDef():
                return self._is_async(source, None, node)
            case ast.ClassDef():
                return bool(self._in(f"{source.module}.{node.name}")) or node.name in source.renamed
            case _:
                return False

    def _leave_out(self, tree: ast.Module, source: Source, edits: _Edits) -> None:
        for node in tree.body:
            if not self._is_emitted(source, node):
                decorators = getattr(node, "decorator_list", [])
                first = min([node.lineno, *(each.lineno for each in decorators)])
                assert node.end_lineno is not None
                edits.drop_lines(first, node.end_lineno)

    def _imports(self, source: Source, tree: ast.Module) -> Iterator[str]:
        for node in tree.body:
            match node:
                case ast.ImportFrom(module=str(home), names=names):
                    yield from (self._import(source, home, alias) for alias in names)
                case ast.Import(names=names):
                    yield from (f"import {_alias(alias)}" for alias in names)
                case _:
                    continue

    def _import(self, source: Source, home: str, alias: ast.alias) -> str:
        given = source.moved.get(f"{home}.{alias.name}")
        other = self._sources.get(home)
        if given is not None:
            return given
        if other is None:
            return f"from {home} import {_alias(alias)}"
        if alias.name in other.renamed:
            return f"from {other.target} import {other.renamed[alias.name]}"
        place = other.target if alias.name in self._in(home) else home
        return f"from {place} import {_alias(alias)}"

    def _rewrite(self, source: Source, node: ast.stmt, edits: _Edits) -> None:
        names = {name: new for each in self._sources.values() for name, new in each.renamed.items()}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in names:
                edits.replace(inner, names[inner.id])
        if isinstance(node, ast.ClassDef):
            if node.name in source.renamed:
                edits.insert(node.lineno, len("class "), "Async")
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    self._rewrite_function(source, node.name, member, edits)
        else:
            assert isinstance(node, ast.FunctionDef)
            self._rewrite_function(source, None, node, edits)

    def _rewrite_function(self, source: Source, owner: str | None, function: ast.FunctionDef, edits: _Edits) -> None:
        if not self._is_async(source, owner, function):
            return
        if any(isinstance(each, ast.Name) and each.id == "property" for each in function.decorator_list):
            raise self._cannot(source, function, "a property that reads the store; a method has an awaited form")
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function)):
            raise self._cannot(source, function, "a generator that reads the store; a list has an awaited form")
        edits.insert(function.lineno, function.col_offset, "async ")
        if function.name in ENDS:
            edits.insert(function.lineno, function.col_offset + len("def __"), "a")
        parents = {child: parent for parent in ast.walk(function) for child in ast.iter_child_nodes(parent)}
        for call in _calls(function):
            if self._is_awaited(source, owner, call):
                self._await(source, call, parents, edits)
        for node in ast.walk(function):
            match node:
                case ast.With(items=[ast.withitem(ast.Attribute(attr="_lock"))]):
                    edits.insert(node.lineno, node.col_offset, "async ")
                case _:
                    continue

    def _await(self, source: Source, call: ast.Call, parents: Mapping[ast.AST, ast.AST], edits: _Edits) -> None:
        above: ast.AST = call
        while above in parents:
            below, above = above, parents[above]
            if isinstance(above, ast.Lambda):
                raise self._cannot(source, call, "a store call in a lambda; a function has an awaited form")
            if isinstance(above, ast.GeneratorExp) and above.generators[0] is not below:
                raise self._cannot(source, call, "a store call in a generator expression; a list has an awaited form")
            if isinstance(above, ast.comprehension) and above.iter is not below:
                raise self._cannot(source, call, "a store call in a condition; a statement has an awaited form")
        if isinstance(parents.get(call), ast.Attribute | ast.Subscript):
            edits.insert(call.lineno, call.col_offset, "(await ")
            assert call.end_lineno is not None
            assert call.end_col_offset is not None
            edits.insert(call.end_lineno, call.end_col_offset, ")")
        else:
            edits.insert(call.lineno, call.col_offset, "await ")

    @staticmethod
    def _cannot(source: Source, node: ast.expr | ast.stmt, what: str) -> CannotAwaitError:
        return CannotAwaitError(f"{source.path}:{node.lineno}: got {what}")


def _functions(tree: ast.Module) -> Iterator[tuple[str | None, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield None, node
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, member) for member in node.body if isinstance(member, ast.FunctionDef))


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case _:
            return []


def _imported_from(tree: ast.Module, name: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == name for alias in node.names):
            yield node.module


def _alias(alias: ast.alias) -> str:
    return alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"


def _file(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def _formatted(text: str, path: Path) -> str:
    for command in (["check", "--quiet", "--fix-only", "--select", "F401,I001"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text
