"""Copies of our own modules with a part of their source replaced: one set of copies for each planted fault.

A copy is imported under a name of its own, so the modules as they are stay beside it. A process that unpickles an
opener of a planted store imports this module first, and so finds the copies too.
"""

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, spec_from_file_location
from types import ModuleType
from typing import Final, NamedTuple

from tests.planted.meeting import meet

MEMORY: Final = "traffic_booking.adapters.memory"
SQLITE: Final = "traffic_booking.adapters.sqlite"
POSTGRES: Final = "traffic_booking.adapters.postgres"
GUARDS: Final = "traffic_booking.persistence.guards"
LIFETIME: Final = "traffic_booking.persistence.lifetime"

COPIED: Final = (MEMORY, SQLITE, POSTGRES, GUARDS, LIFETIME)
"""The modules that are copied; all other modules are shared."""


class Patch(NamedTuple):
    """In the source of `module`, `part` occurs once and is replaced by `instead`."""

    module: str
    part: str
    instead: str


def copied(label: str, patches: Sequence[Patch], name: str) -> ModuleType:
    """The copy of module `name` that has the patches; copies of one label share their modules."""
    if not any(isinstance(each, _Finder) and each.label == label for each in sys.meta_path):
        sys.meta_path.insert(0, _Finder(label, patches))
    return import_module(_copy_of(label, name))


def _copy_of(label: str, name: str) -> str:
    package = next(each for each in COPIED if name == each or name.startswith(f"{each}."))
    return name.replace(package, f"planted_{label}_{package.rpartition('.')[2]}")


class _Finder(MetaPathFinder):
    """Finds the copies of one label."""

    def __init__(self, label: str, patches: Sequence[Patch]) -> None:
        self.label = label
        self._patches = patches
        self._names = {_copy_of(label, name): name for name in COPIED}

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        package = fullname.partition(".")[0]
        if package not in self._names:
            return None
        name = fullname.replace(package, self._names[package])
        found = find_spec(name)
        if found is None or found.origin is None:
            return None
        loader = _Loader(fullname, found.origin, partial(self._patched, name))
        folders = found.submodule_search_locations
        return spec_from_file_location(
            fullname,
            found.origin,
            loader=loader,
            submodule_search_locations=None if folders is None else list(folders),
        )

    def _patched(self, name: str, source: str) -> str:
        for module, part, instead in self._patches:
            if module == name:
                assert source.count(part) == 1, f"{module}: {source.count(part)} times, expected once: {part}"
                source = source.replace(part, instead)
        for copy, original in self._names.items():
            source = source.replace(original, copy)
        return source


class _Loader(SourceFileLoader):
    """Loads a module from its patched source, never from a compiled file."""

    def __init__(self, fullname: str, path: str, patched: partial[str]) -> None:
        super().__init__(fullname, path)
        self._patched_source = patched

    def get_code(self, fullname: str):
        source = self.get_data(self.path).decode("utf-8")
        return compile(self._patched_source(source), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["meet"] = meet
        super().exec_module(module)
