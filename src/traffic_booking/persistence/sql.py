"""Shared by stores in SQL: the columns of declared tables, and the translation of a driver's errors."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType

from traffic_booking.ports.collections import Collection, Column, Kind


def quoted(name: str) -> str:
    """A declared name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def fields_of(collection: Collection) -> tuple[Column, ...]:
    """All columns of a collection's table, in the order of a `Row`."""
    return (Column(collection.key), Column("version", Kind.NUMBER), *collection.columns, Column("body"))


def clauses_of(collection: Collection, types: Mapping[Kind, str], *, key: str) -> str:
    """The columns for CREATE TABLE, each of its type; `key` is the constraint of the key."""
    first, version, *others = fields_of(collection)
    clauses = (
        f"{quoted(first.name)} {types[first.kind]} {key}",
        f"{version.name} {types[version.kind]} NOT NULL CHECK (version >= 1)",
        *(f"{quoted(each.name)} {types[each.kind]}{'' if each.optional else ' NOT NULL'}" for each in others),
    )
    return ", ".join(clauses)


class Translating(ABC):
    """A context in which a driver's error becomes a `StoreError` about the store `where`."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.translate(error)

    @abstractmethod
    def translate(self, error: BaseException) -> None:
        """Raise the `StoreError` for an error of the driver, and return for any other error."""
