"""The steps by which a store in SQL reaches the schema of this release: migrations, then missing declared tables.

Migrations are numbered without gaps, shipped in the folder `migrations` of an adapter, and never altered once released:
the store records the checksum of each that was applied. They create undeclared tables, such as the log, and alter
tables of earlier releases. Tables of declared collections and counters are created after them in their newest form. So
a step that alters one of those begins with the line `-- Alters declared tables.`: a new store records it and does not
run it. The store also records which tables were created. A table that is missing later is not created again: it would
be empty.
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from attrs import evolve, frozen

from traffic_booking.domain.errors import StoreUnreadable

ALTERS_DECLARED: Final = "-- Alters declared tables.\n"
"""The first line of a step that a new store does not run."""


@frozen(kw_only=True)
class Migration:
    """One step: its number (1 for the first), its file's name, its statements, each with a semicolon at its end."""

    number: int
    name: str
    sql: str
    is_run: bool = True
    """False if a new store needs only the record of it."""

    @property
    def checksum(self) -> str:
        """The SHA-256 of the statements, in hexadecimal."""
        return sha256(self.sql.encode()).hexdigest()


@frozen
class Pending:
    """The steps that a store still needs: migrations, then missing declared tables, by name with their SQL."""

    migrations: Sequence[Migration]
    definitions: Sequence[tuple[str, str]]

    def __bool__(self) -> bool:
        return bool(self.migrations or self.definitions)

    def names(self) -> tuple[str, ...]:
        """The names of all steps, in their order."""
        return (*(step.name for step in self.migrations), *(name for name, _ in self.definitions))

    def sql(self, *, prefix: str, begin: str, end: str) -> str:
        """All steps, each recorded, as text.

        Args:
            prefix: precedes the names of our tables.
            begin: creates the tables `migrations` and `created`.
            end: records the tables that exist in the end.
        """
        parts = [begin] if self.migrations and self.migrations[0].number == 1 else []
        for step in self.migrations:
            values = f"{step.number}, '{step.name}', '{step.checksum}'"
            parts += [f"\n-- {step.name}", step.sql.strip() if step.is_run else "-- A new store has this already."]
            parts.append(f"INSERT INTO {prefix}migrations (number, name, sha256) VALUES ({values});")
        return "\n".join([*parts, *(f"\n{sql}" for _, sql in self.definitions), f"\n{end}\n"])


def shipped_migrations(package: str) -> tuple[Migration, ...]:
    """The migrations that this release ships with an adapter, in their order."""
    folder = files(package).joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    shipped = [
        Migration(number=int(name[:4]), name=name, sql=folder.joinpath(name).read_text(encoding="utf-8"))
        for name in names
    ]
    assert [step.number for step in shipped] == list(range(1, len(shipped) + 1)), "migrations have a gap"
    return tuple(shipped)


def all_of(known: Sequence[Migration], definitions: Sequence[tuple[str, str]]) -> Pending:
    """The steps of a new store."""
    return Pending(
        [evolve(step, is_run=not step.sql.startswith(ALTERS_DECLARED)) for step in known],
        definitions,
    )


def not_applied(
    where: str, known: Sequence[Migration], applied: Sequence[tuple[Any, ...]], version: int = 0
) -> Sequence[Migration]:
    """The migrations behind those of the rows `applied`: number, name and checksum of each.

    Raises `StoreUnreadable` if the store `where` has another, or a newer one; `version` is the one that it states.
    """
    newest = max(version, len(applied))
    if newest > len(known):
        raise StoreUnreadable(f"{where}: got schema {newest}, of a newer release; expected at most {len(known)}")
    for row, step in zip(applied, known, strict=False):
        if row != (step.number, step.name, step.checksum):
            raise StoreUnreadable(
                f"{where}: got migration {row[0]} with another content than this release's; expected {step.name}"
                f" with checksum {step.checksum[:12]}…"
            )
    return known[len(applied) :]


def check_columns(where: str, table: str, got: Collection[str], expected: Sequence[str]) -> None:
    """Raise `StoreUnreadable` if an existing table has other columns than the declared ones."""
    if got and set(got) != set(expected):
        columns = ", ".join(sorted(got))
        raise StoreUnreadable(f"{where}: got a table {table} with columns {columns}; expected {', '.join(expected)}")


def check_created(where: str, missing: Iterable[str], created: Collection[str]) -> None:
    """Raise `StoreUnreadable` if one of the names `missing` is that of a table that was created earlier."""
    for name in missing:
        if name in created:
            raise StoreUnreadable(
                f"{where}: got no table {name}, which was created earlier; expected it: restore it from a backup"
            )
