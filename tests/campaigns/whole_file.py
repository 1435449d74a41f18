"""Checks of a database file in SQL, from outside, after any fate of its writer."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.bookings import about
from tests.campaigns.workload import Request
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.codecs import OUTCOME

# Each finds rows that must not exist; none shows a person.
_EVENTS: Final = """
    SELECT stream AS number, json_extract(body, '$.version') AS version, json_extract(body, '$.request') AS request_id
    FROM log WHERE stream GLOB '????-????-????'"""
_NEVER: Final = {
    "seats that differ from the appointments and holds that have one": """
        SELECT key, sum(value), sum(seated) FROM (
            SELECT key, value, 0 AS seated FROM seats
            UNION ALL
            SELECT branch || '/' || service || '/' || starts_at, 0, 1 FROM appointments
            WHERE state IN ('held', 'booked', 'checked-in')
        ) GROUP BY key HAVING sum(value) <> sum(seated)""",
    "appointments whose events are missing, or too many": """
        SELECT a.number, a.version, count(e.version), max(e.version) FROM appointments a
        LEFT JOIN events e ON e.number = a.number
        GROUP BY a.number HAVING count(e.version) <> a.version OR max(e.version) <> a.version""",
    "events of no appointment": """
        SELECT number FROM events EXCEPT SELECT number FROM appointments""",
    "events of requests that were not answered": """
        SELECT request_id FROM events WHERE request_id IS NOT NULL EXCEPT SELECT request_id FROM answers""",
    "answers with no log entry of what they did or refused, or more than one": """
        SELECT request_id, count(place) FROM answers LEFT JOIN (
            SELECT request_id AS requested, 0 AS refused, number AS place FROM events
            UNION ALL
            SELECT json_extract(body, '$.request'), 1, position FROM log WHERE stream LIKE 'refused/%'
        ) ON requested = request_id AND refused = (json_extract(body, '$.refused') IS NOT NULL)
        GROUP BY request_id HAVING count(place) <> 1""",
    "people whose version counts other changes than theirs": """
        SELECT sum(counted), sum(changes) FROM (
            SELECT subject, version AS counted, 0 AS changes FROM people
            UNION ALL
            SELECT a.subject, 0, 1 FROM events e JOIN appointments a ON a.number = e.number
            WHERE e.request_id IS NOT NULL
        ) GROUP BY subject HAVING sum(counted) <> sum(changes)""",
    "subjects that were not registered once, or have no person": """
        SELECT sum(entries), sum(persons) FROM (
            SELECT subject, 0 AS entries, 1 AS persons FROM persons
            UNION ALL
            SELECT substr(stream, length('person/') + 1), 1, 0 FROM log WHERE kind = 'registered'
            UNION ALL
            SELECT DISTINCT subject, 0, 0 FROM appointments
        ) GROUP BY subject HAVING sum(entries) <> 1 OR sum(persons) <> 1""",
}


def faults_of(path: Path) -> list[str]:
    """A sentence for each fault in a file with the workload."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            sound = connection.execute("PRAGMA integrity_check").fetchall()
            found = [] if sound == [("ok",)] else [f"not sound: {sound[:3]}"]
            connection.execute(f"CREATE TEMP VIEW events AS {_EVENTS}")
            for what, query in _NEVER.items():
                rows = connection.execute(query).fetchall()
                found += [f"{what}: {rows[:3]}"] if rows else []
        except sqlite3.DatabaseError as error:
            return [f"can't be read: {error}"]
    return found


def lost(store: SqliteStore, acknowledged: Iterable[tuple[Request, str]]) -> list[str]:
    """A sentence for each acknowledged request to which the store now gives another answer."""
    answers = list(acknowledged)
    facts = AppointmentBook(store).facts([about(request_id=request.request_id) for request, _ in answers])
    return [
        f"{request.request_id} ({request.kind}) was acknowledged, and is {'another' if found.answer else 'gone'}"
        for (request, outcome), found in zip(answers, facts, strict=True)
        if found.answer is None or OUTCOME.text(found.answer.outcome) != outcome
    ]
