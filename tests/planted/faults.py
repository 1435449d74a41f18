"""Planted faults: each is a store of ours with one fault."""

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import frozen

from tests.planted.copies import MEMORY, POSTGRES, SQLITE, Patch, copied
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.store import Store

FILE: Final = "tests.planted.file_store"
NAMES: Final = {MEMORY: "memory", FILE: "file", SQLITE: "SQLite", POSTGRES: "PostgreSQL"}
_CLASSES: Final = {MEMORY: "MemoryStore", FILE: "FileStore", SQLITE: "SqliteStore", POSTGRES: "PostgresStore"}

if TYPE_CHECKING:
    from traffic_booking.adapters.memory import MemoryStore

    class Planted(MemoryStore):
        """The base of a fault that overrides methods: `super()` is the store that it is planted in."""
else:
    Planted = object

Mixin = TypeVar("Mixin", bound=type)


@frozen(kw_only=True, slots=False)
class Fault:
    """One fault: `mixin` comes before the store's class, which is made of the patched source."""

    number: int
    module: str
    """The module or package of the store."""
    mixin: type
    patches: tuple[Patch, ...]

    @property
    def store(self) -> str:
        """The store's name."""
        return NAMES[self.module]

    @property
    def sentence(self) -> str:
        """States the fault."""
        return str(self.mixin.__doc__)

    @cached_property
    def planted(self) -> type:
        """The faulty store's class."""
        label = str(self.number)
        module = import_module(FILE) if self.module == FILE else copied(label, self.patches, self.module)
        shipped = getattr(module, _CLASSES[self.module])
        return type(self.mixin.__name__, (self.mixin, shipped), {"__doc__": self.sentence})

    def open(self, place: str | Path, *, schema: Schema = SCHEMA) -> Store:
        """Open the faulty store at a file or URL; the memory store needs none."""
        store: Any = self.planted
        opened: Store = store(schema=schema) if self.module == MEMORY else store(place, schema=schema)
        return opened


FAULTS: Final[list[Fault]] = []


def plant(module: str, *patches: tuple[str, str, str]) -> Callable[[Mixin], Mixin]:
    """Add a fault of that store: the decorated class, whose docstring states it, and parts of the source replaced."""

    def add(mixin: Mixin) -> Mixin:
        made = tuple(Patch(*each) for each in patches)
        FAULTS.append(Fault(number=len(FAULTS) + 1, module=module, mixin=mixin, patches=made))
        return mixin

    return add
