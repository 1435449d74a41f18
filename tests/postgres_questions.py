"""What PostgreSQL is asked often, and the plans of all the statements that it comes to."""

from datetime import timedelta
from typing import Any, Final

import psycopg
import pytest
from attrs import evolve as copy_with

from tests.bookings import FAR_AHEAD, ME, about, booking, number, slot
from tests.small_town import START
from traffic_booking.adapters.postgres import committing, reading
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.outside_text import request_id
from traffic_booking.domain.slots import SlotRange
from traffic_booking.testing import made_up_person

ENTRIES: Final = 3_000
"""How many entries the calendar has on which the bookings were decided."""

SOON = SlotRange(branch=slot().branch, service=slot().service, from_=START, until=START + timedelta(days=30))
CHANGES = [
    copy_with(booking(serial, made_up_person(serial), slot(serial)), calendar_revision=ENTRIES) for serial in (1, 2)
]
HOT: Final[dict[str, Question[Any]]] = {
    "facts of one": reading.facts([about()]),
    "facts of many": reading.facts([about(made_up_person(n), slots=(slot(n), slot())) for n in range(64)]),
    "facts of a number": reading.facts([about(number=number(1))]),
    "seats taken": reading.taken([SOON], START),
    "holds that ran out": reading.lapsed(START, None, 100),
    "holds of a slot that ran out": reading.lapsed(FAR_AHEAD, slot(), 100),
    "an answer": reading.answer(request_id("request-1")),
    "an appointment": reading.appointment(number(1)),
    "those of a person": reading.appointments_of(ME, 20),
    "those at a branch": reading.appointments_at(slot().branch, START, START + timedelta(days=1)),
    "a history": reading.history(number(1)),
    "new entries": reading.calendar_entries(ENTRIES - 1),
    "a spent key": reading.is_spent("key-1"),
    "a booking": committing.together(CHANGES[:1]),
    "bookings together": committing.together(CHANGES),
    "bookings one by one": committing.one_by_one(CHANGES),
}


def plans_of(url: str, question: Question[Any]) -> list[str]:
    """The plans of a question and of every statement inside the functions that it calls."""
    told: list[str] = []
    with connect(Address(url, 10)) as connection:
        try:
            connection.execute("LOAD 'auto_explain'")
        except psycopg.Error:
            pytest.skip("the role may not load auto_explain")
        connection.execute("SET auto_explain.log_min_duration = 0")
        connection.execute("SET auto_explain.log_nested_statements = on")
        connection.execute("SET client_min_messages = log")
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.autocommit = False
        connection.execute(question.statement, question.parameters)
        connection.rollback()
    return [plan for plan in told if "Query Text" in plan]
