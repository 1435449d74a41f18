"""The frequent questions to PostgreSQL, and the plans of all their statements."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import psycopg
import pytest
from attrs import evolve as copy_with

from tests.bookings import FAR_AHEAD, ME, about, booking, cancelling, number, slot
from tests.small_town import START
from tests.store_changes import plain
from traffic_booking.adapters.postgres.committing import writing
from traffic_booking.adapters.postgres.feeding import page
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.reading import reading
from traffic_booking.adapters.postgres.tables import Statement, Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.decisions.changes import CalendarGuard, Change
from traffic_booking.domain.schedule.slots import SlotRange
from traffic_booking.domain.text_input import request_id
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.persons import CURRENT, PersonKeys
from traffic_booking.persistence.schema import ASSERTIONS, SCHEMA, WORDINGS
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.primitives import Query, RecordsByKey
from traffic_booking.testing import made_up_applicant, made_up_person

ENTRIES: Final = 3_000
"""How many rows each table has."""

TABLES: Final = Tables(SCHEMA)


class _QueriesError(Exception):
    """Carries the queries that a store received."""


class _QueriesOnly:
    """A store that only reports its queries, after the look-up of its pseudonym key: it has none."""

    def read(self, queries: Sequence[Query]) -> Any:
        if list(queries) == [PersonKeys.query]:
            return [[(CURRENT, 1, '[""]')]]
        raise _QueriesError(queries)


def question_of(work: Callable[[Any], object], over: Callable[[Any], Any] = AppointmentBook) -> Statement[Any]:
    """The question that the first read of `work` sends, after the read of the key."""
    with pytest.raises(_QueriesError) as caught:
        work(over(_QueriesOnly()))
    return reading(TABLES, caught.value.args[0])


def written(*changes: Change) -> Statement[Any]:
    """The question that writes `changes`."""
    question = writing(TABLES, [plain(change) for change in changes])
    assert question is not None
    return question


def guarded(change: Change) -> Change:
    """The change, with the guard of its branch's calendar."""
    return copy_with(change, calendars=(CalendarGuard(slot().branch, 1),))


SOON = SlotRange(branch=slot().branch, service=slot().service, from_=START, until=START + timedelta(days=30))
CHANGES = [guarded(booking(serial, made_up_applicant(serial), slot(serial))) for serial in (1, 2)]
BEFORE = [booking(serial, made_up_applicant(serial), slot(serial)) for serial in (11, 12)]
"""Bookings that have to be stored, so that the cancellations below are possible."""
CANCELLATIONS = [guarded(cancelling(change.appointments[0], person_state=change.person_state)) for change in BEFORE]
ANOTHER = guarded(booking(13, made_up_applicant(11), slot(13), person_state=BEFORE[0].person_state))
HOT: Final[dict[str, Statement[Any]]] = {
    "facts of one": question_of(lambda book: book.facts([about(ME, slots=(slot(),))])),
    "facts of many": question_of(
        lambda book: book.facts([about(made_up_applicant(n), slots=(slot(n), slot())) for n in range(64)])
    ),
    "facts of a number": question_of(lambda book: book.facts([about(number=number(1))])),
    "seats taken": question_of(lambda book: book.seats_taken([SOON], lapsed_by=START)),
    "holds that ran out": question_of(lambda book: book.lapsed(by=START)),
    "holds of a slot that ran out": question_of(lambda book: book.lapsed_at([slot()], by=FAR_AHEAD)),
    "an answer": question_of(lambda book: book.answer(request_id("request-1"))),
    "what belongs to an answer": reading(
        TABLES, [RecordsByKey(WORDINGS.name, ["wording-1"]), RecordsByKey(ASSERTIONS.name, ["old-1"])]
    ),
    "who persons are": question_of(lambda book: book.applicants([made_up_person(1)])),
    "who a subject is": question_of(lambda book: book.person_of("subject-1")),
    "a page of answers": question_of(lambda book: book.answers(after=request_id("request-1"), limit=10)),
    "an appointment": question_of(lambda book: book.appointment(number(1))),
    "those of a person": question_of(lambda book: book.appointments_of(made_up_person(1), limit=20)),
    "those of a person since then": question_of(lambda book: book.appointments_since([(ME, START)])),
    "those at a branch": question_of(lambda book: book.appointments_at(slot().branch, from_=START, until=FAR_AHEAD)),
    "a history": question_of(lambda book: book.history(number(1))),
    "a page of appointments": question_of(lambda book: book.stored_appointments(after=number(1), limit=10)),
    "a page of slots": question_of(lambda book: book.audit_slots(after=slot(), limit=10)),
    "new entries": question_of(lambda book: book.calendar_entries(after=ENTRIES - 1)),
    "a spent key": question_of(lambda store: SignIns(store, lambda: START).is_spent("key-1"), lambda store: store),
    "a page of the feed": page("here", FeedPosition(1, 5), 10),
    "a booking by a new person": written(CHANGES[0]),
    "a booking": written(ANOTHER),
    "bookings together": written(*CHANGES),
    "a cancellation": written(CANCELLATIONS[0]),
    "cancellations together": written(*CANCELLATIONS),
}


def plans_of(url: str, question: Statement[Any]) -> list[str]:
    """The plans of a question and of every statement inside the functions that it calls."""
    notices: list[str] = []
    with connect(Address(url, 10)) as connection:
        try:
            connection.execute("LOAD 'auto_explain'")
        except psycopg.Error:
            pytest.skip("the role may not load auto_explain")
        connection.execute("SET auto_explain.log_min_duration = 0")
        connection.execute("SET auto_explain.log_nested_statements = on")
        connection.execute("SET client_min_messages = log")
        connection.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
        connection.autocommit = False
        connection.execute(question.sql, question.parameters)
        connection.rollback()
    return [plan for plan in notices if "Query Text" in plan]
