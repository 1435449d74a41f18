"""One booking's writes in other forms than the store's function: what `postgres.py` measures beside it.

Each takes the parameters that were made for the function, but for those of its locks and of the calendar's revision,
which other forms leave out.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from psycopg import Connection

from traffic_booking.adapters.postgres.questions import Question

STATEMENTS: Final = (
    ("INSERT INTO traffic_booking.answers SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b)", 3, 10),
    (
        (
            "INSERT INTO traffic_booking.standings AS old SELECT one, two + 1 FROM unnest(%b, %b) AS new (one, two)"
            " ON CONFLICT (applicant) DO UPDATE SET version = excluded.version WHERE old.version = excluded.version - 1"
        ),
        10,
        12,
    ),
    (
        (
            "INSERT INTO traffic_booking.appointments"
            " SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)"
        ),
        12,
        27,
    ),
    ("INSERT INTO traffic_booking.events SELECT * FROM unnest(%b, %b, %b, %b, %b, %b, %b, %b)", 27, 35),
    (
        (
            "INSERT INTO traffic_booking.seats AS old SELECT one, two, three, four"
            " FROM unnest(%b, %b, %b, %b, %b, %b) AS new (one, two, three, four, five, six)"
            " ON CONFLICT (branch, service, starts_at) DO UPDATE SET taken = old.taken + excluded.taken"
        ),
        35,
        41,
    ),
)
"""The same writes, and which of the function's parameters each of them takes."""

CTE: Final = """
WITH answered AS (
    INSERT INTO traffic_booking.answers
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1]
    ON CONFLICT DO NOTHING RETURNING 1
), stood AS (
    INSERT INTO traffic_booking.standings AS old
    SELECT one, two + 1 FROM (SELECT (%b)[1], (%b)[1]) AS new (one, two)
    WHERE two = 0 OR EXISTS (SELECT FROM traffic_booking.standings AS found WHERE found.applicant = one)
    ON CONFLICT (applicant) DO UPDATE SET version = excluded.version WHERE old.version = excluded.version - 1
    RETURNING 1
), made AS (
    INSERT INTO traffic_booking.appointments
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1],
        (%b)[1], (%b)[1], (%b)[1]
    ON CONFLICT DO NOTHING RETURNING 1
), told AS (
    INSERT INTO traffic_booking.events
    SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1], (%b)[1]
    RETURNING 1
), taken AS (
    UPDATE traffic_booking.seats AS stored SET taken = stored.taken + (%b)[1]
    WHERE stored.branch = (%b)[1] AND stored.service = (%b)[1] AND stored.starts_at = (%b)[1]
        AND stored.taken BETWEEN (%b)[1] AND (%b)[1]
    RETURNING 1
), opened AS (
    INSERT INTO traffic_booking.seats SELECT (%b)[1], (%b)[1], (%b)[1], (%b)[1]
    WHERE 0 BETWEEN (%b)[1] AND (%b)[1] AND NOT EXISTS (SELECT FROM taken)
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT 1 / CASE WHEN (SELECT count(*) FROM answered) = 1 AND (SELECT count(*) FROM stood) = 1
    AND (SELECT count(*) FROM made) = 1 AND (SELECT count(*) FROM told) = 1
    AND (SELECT count(*) FROM taken) + (SELECT count(*) FROM opened) = 1 THEN 1 ELSE 0 END
"""
"""The same writes with their guards; where one doesn't hold, a division by zero undoes all of them.

It books once: `unnest` in the place of the first items would take more, and makes it slower.
"""


def as_cte(question: Question[Any]) -> Question[Any]:
    """A call of the function that books once, as one statement."""
    *slot, delta, least, most = question.parameters[35:]
    return Question(CTE, (*question.parameters[3:35], delta, *slot, least, most, *slot, delta, least, most), list)


def _ask(connection: Connection[Any], question: Question[Any]) -> None:
    connection.execute(question.statement, question.parameters).fetchall()


def _statements(connection: Connection[Any], question: Question[Any]) -> None:
    with connection.transaction():
        for statement, first, last in STATEMENTS:
            connection.execute(statement, question.parameters[first:last])


FORMS: Final[Mapping[str, Callable[[Connection[Any], Question[Any]], None]]] = {
    "function": _ask,
    "statements": _statements,
    "cte": lambda connection, question: _ask(connection, as_cte(question)),
}
"""Ways to write what one call of the function writes."""


def hold_to_its_guards(connection: Connection[Any], booked: Question[Any]) -> None:
    """Fail unless the statement of CTEs undoes all of a booking that was made before."""
    count = "SELECT sum(taken) FROM traffic_booking.seats"
    before = connection.execute(count).fetchone()
    try:
        FORMS["cte"](connection, booked)
    except psycopg.errors.DivisionByZero:
        assert connection.execute(count).fetchone() == before
    else:
        raise AssertionError("got a booking made twice; expected its guards to undo it")
