"""Stored records that are damaged one at a time, and the outcome of a request that needs the damaged record."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from tests.bookings import slot
from tests.people import ME, YOU
from traffic_booking.application._sync.desk import Desk

CUT: Final = "substr(body, 1, length(body) - 1)"
BODIES: Final = {
    "a body that is cut short": CUT,
    "a body of another type": "'7'",
    "a body without its keys": "'{}'",
    "a body with a NUL": "'\"' || char(0) || '\"'",
}
UNREADABLE: Final = "`StoreUnreadable`"


@frozen
class Damage:
    """One record that is damaged, by an assignment in SQL; `needs` is a request that needs it.

    `of` is the condition that selects the record. If the damage is `whole`, every request needs it.
    """

    collection: str
    how: str
    assignment: str
    of: str
    needs: Callable[[Desk, str], object]
    comes_to: str = UNREADABLE
    whole: bool = False

    def do(self, file: Path, **names: Any) -> str:
        """Damage the record; returns its key, or the stream of a log entry."""
        with closing(sqlite3.connect(file)) as connection:
            columns = connection.execute(f'PRAGMA table_info("{self.collection}")').fetchall()
            key = "stream" if self.collection == "log" else columns[0][1]
            where = f'"{self.collection}" WHERE {self.of}'
            [(found,)] = connection.execute(f"SELECT {key} FROM {where}", names).fetchall()
            connection.execute(f'UPDATE "{self.collection}" SET {self.assignment} WHERE {self.of}', names)
            connection.commit()
        return str(found)


def again(desk: Desk, _: str) -> object:
    """The booking, sent once more."""
    return desk.book(slot(25), applicant=ME, agreed=True, request_id="mine")


def another(desk: Desk, _: str) -> object:
    """Another booking of the same person."""
    return desk.book(slot(49), applicant=ME, agreed=True, request_id="another")


def shown(desk: Desk, number: str) -> object:
    """The appointment."""
    return desk.appointment(number, by=ME)


def history(desk: Desk, number: str) -> object:
    """The events of the appointment."""
    return desk.audit.history(number, by=ME)


def explained(desk: Desk, _: str) -> object:
    """The explanation of the booking."""
    return desk.explain(request_id="mine", by=ME)


def vouched_for(desk: Desk, _: str) -> object:
    """The explanation of the booking with assertions of the host."""
    return desk.explain(request_id="vouched", by=YOU)


def declared(desk: Desk, _: str) -> object:
    """The declared record."""
    return desk.calendar.entries()


def searched(desk: Desk, _: str) -> object:
    """A search for slots on that day."""
    return desk.find_slots(service="renewal", from_=date(2026, 11, 23))


def bodies(
    collection: str, of: str, needs: Callable[[Desk, str], object], comes_to: str = UNREADABLE, *, whole: bool = False
) -> list[Damage]:
    """Each damage to the body of one record."""
    return [Damage(collection, how, f"body = {body}", of, needs, comes_to, whole) for how, body in BODIES.items()]


MINE: Final = "subject = :subject"
DAMAGES: Final = (
    *bodies("people", MINE, another),
    Damage(
        "people",
        "the body of a person without appointments",
        "body = ''",
        MINE,
        another,
        "`Booked`; `audit.verify` reports it",
    ),
    Damage("people", "an unknown kind of document", "holder = 'nobody'", MINE, another),
    *bodies("appointments", "number = :number", shown),
    Damage("appointments", "an unknown state", "state = 'nowhere'", "number = :number", shown),
    Damage("appointments", "an unknown kind of document", "holder = 'nobody'", "number = :number", shown),
    Damage("appointments", "an instant that is none", "starts_at = 'never'", "number = :number", shown),
    Damage(
        "appointments",
        "the subject of another person",
        "subject = :other",
        "number = :number",
        shown,
        "`AppointmentNotFound`; `audit.verify` reports it",
    ),
    *bodies("answers", "request_id = 'mine'", again),
    Damage(
        "answers",
        "an unknown kind of request",
        "body = replace(body, '\"book\"', '\"nothing\"')",
        "request_id = 'mine'",
        again,
    ),
    Damage("answers", "an instant that is none", "decided_at = 'never'", "request_id = 'mine'", again),
    Damage(
        "answers",
        "the subject of another person",
        "body = replace(body, :subject, :other)",
        "request_id = 'mine'",
        again,
        "`RequestMismatch`; `audit.verify` reports it",
    ),
    *bodies("wordings", "body LIKE '[\"test-1\"%'", explained),
    *bodies("assertions", "request_id = 'vouched'", vouched_for),
    Damage(
        "assertions",
        "another birth date",
        "body = replace(body, '1990', '1980')",
        "request_id = 'vouched'",
        vouched_for,
    ),
    *bodies("calendar_entries", "1", declared, UNREADABLE + " for everybody: each decision needs it", whole=True),
    *bodies("log", "stream = :number", history),
    Damage("log", "an unknown kind of entry", "kind = 'nothing'", "stream = :number", history),
    Damage(
        "seats",
        "the key of no slot",
        "key = key || 'T'",
        "key LIKE 'north/renewal/2026-11-23T05%'",
        searched,
    ),
    *bodies("person_keys", "1", again, UNREADABLE + " for everybody", whole=True),
)
