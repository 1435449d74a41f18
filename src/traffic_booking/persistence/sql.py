"""What the tables of declared collections have in common, whatever dialect of SQL creates them."""

from collections.abc import Mapping

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
