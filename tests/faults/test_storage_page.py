"""The queries of `docs/explanation/storage.md` run unchanged, on SQLite and on PostgreSQL."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from traffic_booking import Booked, BookingDesk, Held, Refused
from traffic_booking.testing import MovableClock, made_up_person

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "storage.md"
START = datetime(2026, 12, 6, 5, tzinfo=UTC)
DAY = datetime(2026, 12, 7, 5, tzinfo=UTC)
"""An instant in the day of the page's first query."""


def queries(shell: str, number: str) -> list[str]:
    """The page's queries for that shell, about that appointment, at an instant after its holds."""
    [block] = re.findall(rf"```sql\n-- storage: {shell}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    block = block.replace("0010-0000-0206", number).replace("'now'", "'2026-12-07'").replace("now()", "'2026-12-07'")
    return [statement for statement in block.split(";\n") if statement.strip()]


def answers_of_sqlite(url: str, number: str) -> list[list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return [connection.execute(query).fetchall() for query in queries("sqlite3", number)]


def answers_of_postgres(url: str, number: str) -> list[list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        setting, *rest = queries("psql", number)
        connection.execute(setting.encode())
        return [connection.execute(query.encode()).fetchall() for query in rest]


@pytest.mark.parametrize(("kind", "ask"), [("sqlite", answers_of_sqlite), ("postgres", answers_of_postgres)])
def test_the_queries_of_the_page_find_what_they_name(kind, ask, request, tmp_path):
    url = f"sqlite:///{tmp_path / 'bookings.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    with BookingDesk.open(url, clock=MovableClock(START)) as desk:
        (slot, held, *_) = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", from_=DAY, limit=2)
        booked = desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="book")
        assert isinstance(booked, Booked)
        assert isinstance(desk.hold(held, applicant=made_up_person(2), request_id="hold"), Held)
        assert isinstance(desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="again"), Refused)
        number = booked.appointment.number
        day, seats, holds, log, refusals = ask(url, number)
        rulebook = booked.appointment.rulebook
    assert [row[1:3] for row in day] == [("booked", "licence-renewal"), ("held", "licence-renewal")]
    assert day[0][0] == number
    assert [value for _, value in seats] == [1, 1]
    assert [row[1] for row in holds] == ["riyadh-traffic"]
    assert log == [("booked", START.isoformat().replace("+00:00", "Z"), rulebook)]
    assert refusals == [("BK-07", 1), ("BK-09", 1)]
