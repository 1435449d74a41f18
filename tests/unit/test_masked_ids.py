"""A request id, a name or a URL that is a person's id is masked in every message, repr and log record."""

import logging
import pickle
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.small_town import START
from traffic_booking import (
    Booked,
    BookingDesk,
    Clerk,
    Delegate,
    FeedPosition,
    Refused,
    RequestMismatch,
    SlotKey,
    TrafficBookingError,
    read_catalogue,
)
from traffic_booking.adapters.observers.log import LoggingObserver
from traffic_booking.application.verification import Verification
from traffic_booking.domain import errors
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.rules.verdict import Finding, Result
from traffic_booking.domain.values import masked
from traffic_booking.ports.primitives import Count, FailedGuard, LogEntry, Put, RecordsByKey, StoreChange, StoreConflict
from traffic_booking.testing import made_up_person

ME, YOU = made_up_person(1), made_up_person(2)
ID: Any = made_up_person(41_735_268).reveal()
IN_ARABIC = ID.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
CLERK = Clerk(ID)


def shows_id(*texts: object) -> bool:
    """True if six digits or more of the id stand in a text, in any script."""
    digits = "".join(str(int(mark)) if mark.isdecimal() else mark for text in texts for mark in str(text))
    return ID[:6] in digits


def texts_of(error: TrafficBookingError):
    yield from (str(error), repr(error), error.message("ar"), error.message("en"), repr(error.args))
    yield str(pickle.loads(pickle.dumps(error)))


@given(st.text("0123456789٠١٢٣٤٥٦٧٨٩ab-", max_size=40))
def test_only_the_last_four_digits_of_a_long_number_are_left(text):
    shown = masked(text)

    assert len(shown) == len(text)
    assert masked(shown) == shown
    assert all(kept in {given, "*"} for kept, given in zip(shown, text, strict=True))


@pytest.mark.parametrize("typed", [ID, IN_ARABIC, f"portal-{ID}", f"{ID}.db"])
@pytest.mark.parametrize(
    "make",
    [
        lambda typed: errors.InvalidInput(typed, got=repr(typed), expected=f"not {typed}"),
        lambda typed: errors.NotFound("branch", typed, known=["north"]),
        lambda typed: errors.NotFound("answered request", typed, reason=f"{typed} was erased"),
        errors.RequestMismatch,
        lambda typed: errors.StoreUnavailable(f"/var/{typed}: got no file; expected one"),
        lambda typed: errors.UnsafeFile(f"/var/{typed}", 0o644),
        lambda typed: errors.MissingExtra(typed, typed),
    ],
)
def test_every_error_masks_what_may_be_an_id(make, typed):
    assert not shows_id(*texts_of(make(typed)))


VERBS = {
    "a search for a service": lambda desk: desk.find_slots(service=ID, branch="north"),
    "a search for a branch": lambda desk: desk.find_slots(service="renewal", branch=ID),
    "a search for a governorate": lambda desk: desk.find_slots(service="renewal", governorate=ID),
    "a month": lambda desk: desk.month_view(service=ID, branch="north", year=2026, month_of_year=12),
    "a slot's branch": lambda desk: desk.book(
        SlotKey(ID, ServiceId("renewal"), slot().starts_at), applicant=ME, agreed=True, request_id="other"
    ),
    "a token": lambda desk: desk.book(f"{ID}.renewal.20261123T0600Z", applicant=ME, agreed=True, request_id="other"),
    "a delegate": lambda desk: desk.book(slot(), applicant=ME, by=ID, agreed=True, request_id="other"),
    "an applicant": lambda desk: desk.book(slot(), applicant=ID, agreed=True, request_id="other"),
    "an appointment number": lambda desk: desk.cancel(ID, by=ME, request_id="other"),
    "a request that was never sent": lambda desk: desk.explain(request_id=ID[::-1], by=CLERK),
    "a form": lambda desk: desk.ticket("0A1K-3M9Q-X27C", by=ME, form=ID),
    "a subject": lambda desk: desk.person_of(ID, by=CLERK),
    "another request": lambda desk: desk.book(slot(50), applicant=YOU, agreed=True, request_id=ID),
    "a language": lambda desk: desk.appointments(ME).upcoming[0].day.text(ID),
    "a URL": lambda _desk: BookingDesk.open(f"sqlite:////nowhere/{ID}/bookings.db"),
    "a scheme": lambda _desk: BookingDesk.open(f"x{ID}://"),
    "a folder": lambda _desk: read_catalogue(Path(f"/nowhere/{ID}")),
}


def texts_answered(verb, desk):
    try:
        outcome = verb(desk)
    except TrafficBookingError as error:
        return [*texts_of(error)]
    assert isinstance(outcome, Refused)
    return [repr(outcome), outcome.message("ar"), outcome.message("en")]


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_verb_shows_an_id_that_came_in_the_place_of_another_value(verb):
    with open_desk() as desk:
        desk.book(slot(49), applicant=ME, agreed=True, request_id=ID)
        assert not shows_id(*texts_answered(verb, desk))


def test_no_repr_of_an_outcome_an_event_or_an_answer_shows_a_request_id_or_a_clerk_that_is_an_id():
    with open_desk() as desk:
        booked = desk.book(slot(49), applicant=ME, by=CLERK, agreed=True, request_id=ID)
        assert isinstance(booked, Booked)
        explained = desk.explain(request_id=ID, by=CLERK)
        history = desk.audit.history(booked.appointment.number, by=ME)
        entries = desk.feed(limit=10).entries
        answer = desk._office.book.answer(ID)
        with pytest.raises(RequestMismatch):
            desk.book(slot(50), applicant=ME, by=CLERK, agreed=True, request_id=ID)
    by = Delegate(person=ME, applicant=YOU, services=[ID], until=START + timedelta(days=1))
    for value in (CLERK, by, SlotKey(ID, ID, START), booked, explained, history, entries, answer):
        assert not shows_id(repr(value))
    assert history[0].request_id == ID  # the value itself is whole


def test_no_log_record_shows_a_request_id_or_a_clerk_that_is_an_id(caplog):
    caplog.set_level(logging.DEBUG)
    with BookingDesk.open("memory://", observer=LoggingObserver()) as desk:
        (found,) = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", limit=1)
        desk.book(found, applicant=ME, by=CLERK, agreed=True, request_id=ID)
        with pytest.raises(TrafficBookingError):
            desk.book(found, applicant=YOU, agreed=True, request_id=ID)
    assert caplog.records
    assert not any(shows_id(record.getMessage(), vars(record)) for record in caplog.records)


SPACED = [
    ID[:4] + mark + ID[4:7] + mark + ID[7:]
    for mark in (" ", "-", "_", ".", "\xa0", "\u200b", "\u202e", "\u2011", " - ")
]
SPACED += ["-".join(ID), " ".join(IN_ARABIC), ID[:5] + "\u0338" + ID[5:], f"{ID[:6]}-{ID[6:]}7", f"{ID[:6]}-{ID[6:9]}"]


@pytest.mark.parametrize("typed", [*SPACED, *map(repr, SPACED), *(f"portal {each}, again" for each in SPACED)])
def test_an_id_with_blanks_dashes_or_marks_between_its_digits_is_masked(typed):
    shown = masked(typed)

    assert not shows_id(shown)
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 06:00",
        "2026-11-23 06",
        "23-11-2026 06:00",
        "2026-11-23–2026-11-25",
        "١٤٤٨-٠٦-١٤ ٠٩:٠٠",
        "192.168.1.100:5432",
        "traffic-booking 1.0.0 2026-11-22",
        "05 0123 4567",
        "1000-2000-3000",
        "north.renewal.20261123T0600Z",
    ],
)
def test_a_day_an_address_or_a_number_of_another_kind_is_no_id(text):
    assert masked(text) == text


def test_named_tuples_mask_ids_too():
    finding = Finding(Result.BROKEN, ID, 1)
    entry = LogEntry(FeedPosition(1, 2), f"person:{ID}", "kind", f'{{"id": "{ID}"}}')
    change = StoreChange(puts=(Put("persons", ID, 0, (ID,), "{}"),), counts=(Count("seats", ID, 1, 2),), trims=(ID,))

    for value in (finding, entry, change, StoreConflict((FailedGuard("answers", ID, 1),)), RecordsByKey("a", [ID])):
        assert not shows_id(repr(value))
    assert finding.observed == ID  # the value itself is whole
    assert repr(FeedPosition(1, 2)) == "FeedPosition(generation=1, place=2)"


def test_a_report_of_an_audit_masks_ids():
    assert not shows_id(Verification(unknown_versions=(ID,)))


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_no_traceback_shows_an_id_as_the_cause_or_the_context_of_an_error(verb):
    with open_desk() as desk:
        desk.book(slot(49), applicant=ME, agreed=True, request_id=ID)
        try:
            verb(desk)
        except TrafficBookingError as error:
            chain: list[BaseException] = [error]
            while (before := chain[-1].__cause__ or chain[-1].__context__) is not None:
                chain.append(before)
            assert not shows_id(*map(repr, chain))


def test_an_error_of_the_server_that_names_an_id_is_no_cause():
    pytest.importorskip("psycopg")
    with pytest.raises(TrafficBookingError) as raised:
        BookingDesk.open(f"postgresql:///bookings?host=/nowhere/{ID}")

    assert not shows_id(*traceback.format_exception(raised.value)[-1:], repr(raised.value.__cause__))
