"""The writes of one booking in other forms than the store's functions. `postgres.py` compares them.

Each form takes the parameters of the functions without the first five. Those five lock, and check the calendar and the
pseudonym key.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from psycopg import Connection

from traffic_booking.adapters.postgres.tables import Statement

STATEMENTS: Final = (
    ("INSERT INTO traffic_booking.answers SELECT * FROM unnest(%b, %b, %b, %b)", 5, 9),
    ("INSERT INTO traffic_booking.persons SELECT * FROM unnest(%b, %b, %b, %b)", 9, 13),
    (
        "INSERT INTO traffic_booking.appointments SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)",
        13,
        24,
    ),
    ("INSERT INTO traffic_booking.people SELECT * FROM unnest(%b, %b, %b, %b)", 24, 28),
    (
        (
            "INSERT INTO traffic_booking.log SELECT 1, pg_current_xact_id(), place, one, two, three"
            " FROM unnest(%b, %b, %b) WITH ORDINALITY AS new (one, two, three, place)"
        ),
        28,
        31,
    ),
    (
        (
            "INSERT INTO traffic_booking.seats AS old SELECT one, two"
            " FROM unnest(%b, %b, %b, %b) AS new (one, two, three, four)"
            " ON CONFLICT (key) DO UPDATE SET value = old.value + excluded.value"
        ),
        31,
        35,
    ),
)
"""The same writes, each with the range of the function's parameters that it takes."""

CTE: Final = """
WITH answered AS (
    INSERT INTO traffic_booking.answers
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1] ON CONFLICT DO NOTHING RETURNING 1
), registered AS (
    INSERT INTO traffic_booking.persons
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1] ON CONFLICT DO NOTHING RETURNING 1
), made AS (
    INSERT INTO traffic_booking.appointments
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1]
    ON CONFLICT DO NOTHING RETURNING 1
), counted AS (
    INSERT INTO traffic_booking.people SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1] ON CONFLICT DO NOTHING RETURNING 1
), logged AS (
    INSERT INTO traffic_booking.log SELECT 1, pg_current_xact_id(), place, one, two, three
    FROM unnest(%b, %b, %b) WITH ORDINALITY AS new (one, two, three, place) RETURNING 1
), taken AS (
    UPDATE traffic_booking.seats AS stored SET value = stored.value + (%b)[1]
    WHERE stored.key = (%b)[1] AND stored.value BETWEEN (%b)[1] AND (%b)[1]
    RETURNING 1
), opened AS (
    INSERT INTO traffic_booking.seats SELECT (%b)[1], (%b)[1]
    WHERE 0 BETWEEN (%b)[1] AND (%b)[1] AND NOT EXISTS (SELECT FROM taken)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT 1 / CASE WHEN (SELECT count(*) FROM answered) = 1 AND (SELECT count(*) FROM made) = 1
    AND (SELECT count(*) FROM registered) = 1 AND (SELECT count(*) FROM counted) = 1
    AND (SELECT count(*) FROM logged) = 2
    AND (SELECT count(*) FROM taken) + (SELECT count(*) FROM opened) = 1 THEN 1 ELSE 0 END
"""
"""The same writes with their guards; if one doesn't hold, a division by zero undoes all of them.

It books once: with `unnest` instead of the first items it could book more often, but would be slower.
"""


def as_cte(question: Statement[Any]) -> Statement[Any]:
    """A call of the function that books once, as one statement."""
    key, delta, least, most = question.parameters[31:]
    return Statement(CTE.encode(), (*question.parameters[5:31], delta, key, least, most, key, delta, least, most), list)


def _ask(connection: Connection[Any], question: Statement[Any]) -> None:
    connection.execute(question.sql, question.parameters).fetchall()


def _statements(connection: Connection[Any], question: Statement[Any]) -> None:
    with connection.transaction():
        for statement, first, last in STATEMENTS:
            connection.execute(statement, question.parameters[first:last])


FORMS: Final[Mapping[str, Callable[[Connection[Any], Statement[Any]], None]]] = {
    "function": _ask,
    "statements": _statements,
    "cte": lambda connection, question: _ask(connection, as_cte(question)),
}
"""Ways to write what one call of the function writes."""


def hold_to_its_guards(connection: Connection[Any], booked: Statement[Any]) -> None:
    """Fail unless the statement of CTEs undoes all of a booking that was made before."""
    count = "SELECT sum(value) FROM traffic_booking.seats"
    before = connection.execute(count).fetchone()
    try:
        FORMS["cte"](connection, booked)
    except psycopg.errors.DivisionByZero:
        assert connection.execute(count).fetchone() == before
    else:
        raise AssertionError("got a booking made twice; expected its guards to undo it")
