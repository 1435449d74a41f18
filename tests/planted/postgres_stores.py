"""The shipped functions that commit on PostgreSQL, with faults to plant in them, and stores that are watched."""

from importlib.resources import files
from typing import Any

import psycopg
from attrs import frozen

from tests.postgres_server import ask
from traffic_booking.adapters.postgres import PostgresStore

SHIPPED = files("traffic_booking.adapters.postgres").joinpath("migrations", "0002_commit.sql").read_text("utf-8")


@frozen
class Fault:
    """Parts of the shipped functions, and what stands in their place."""

    changed: tuple[tuple[str, str], ...]

    def plant(self, url: str) -> None:
        """Put the faulty functions in the place of the shipped ones."""
        functions = SHIPPED
        for part, instead in self.changed:
            assert part in functions, part
            functions = functions.replace(part, instead)
        ask(url, functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace("%", "%%"))


LEAVES_ALL_AS_IT_IS = Fault(())


def circles_of(store: PostgresStore) -> list[psycopg.Error]:
    """A list that every wait in a circle is added to that PostgreSQL ends; the store begins anew, and tells nobody."""
    seen: list[psycopg.Error] = []
    connections: Any = store._connections
    send = connections._ask

    def watched(question):
        try:
            return send(question)
        except psycopg.errors.DeadlockDetected as error:
            seen.append(error)
            raise

    connections._ask = watched
    return seen
