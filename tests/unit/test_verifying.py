"""A store is verified as it is: a sound one has no faults, whatever was done with it, and each damage is found.

Over 400 lines: every fault that an audit finds, each as a damage to one small store.
"""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve as copy_with

from tests import bookings, desks
from tests.bookings import booking, held, number, person_state_of, slot
from tests.calendars import order
from tests.cases import CLERK, DAY, MINUTE
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Cancelled, CheckedIn, Held, InvalidInput, Refused, System, Verification
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync import verifying
from traffic_booking.domain.appointments.events import AppointmentCheckedIn
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant, answered_appointment
from traffic_booking.domain.decisions.changes import Change, Committed, SeatChange
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.answer_codec import answer_records
from traffic_booking.persistence.event_codec import EVENT_TAGS
from traffic_booking.persistence.keys import stream_of_appointment
from traffic_booking.persistence.log import event_append
from traffic_booking.persistence.records import appointment_put, person_state_put
from traffic_booking.persistence.schema import APPOINTMENTS
from traffic_booking.ports.primitives import RecordsByKey
from traffic_booking.testing import MovableClock, made_up_person

SLOTS = slot(25), slot(25.25), slot(25, "transfer"), slot(26, "transfer"), slot(49), slot(26, "renewal", "south")


def open_desk(*parts: Any, **named: Any) -> Any:
    """A desk whose parts a test may read."""
    return desks.open_desk(*parts, **named)


def used(store):
    """A desk after each verb has been used once or twice."""
    desk = open_desk(small_catalogue(capacity=2), store=store)
    clock, (early, late, other, later, _, south) = desk.clock, SLOTS
    hold = desk.hold(early, applicant=ME, request_id="held")
    assert desk.hold(early, applicant=ME, request_id="held-again") == hold
    moved = desk.hold(late, applicant=ME, request_id="moved")
    desk.book(moved, applicant=ME, agreed=True, request_id="confirmed")
    desk.book(other, applicant=ME, agreed=True, request_id="overlapping")
    mine = desk.book(later, applicant=ME, agreed=True, request_id="second-service")
    desk.cancel(mine.appointment.number, by=ME, request_id="cancelled")
    desk.book(later, applicant=ME, agreed=True, request_id="booked-anew")
    desk.hold(south, applicant=YOU, request_id="to-run-out")
    clock.advance(11 * MINUTE)
    assert desk.maintenance.expire_holds() == 1
    desk.hold(south, applicant=YOU, request_id="runs-out-unswept")
    clock.advance(11 * MINUTE)
    for serial in range(3, 6):
        desk.book(early, applicant=made_up_person(serial), agreed=True, request_id=f"crowd-{serial}")
    desk.calendar.declare(order(date(2027, 1, 3)), reason="leave", by=CLERK, request_id="declared")
    clock.move_to(late.starts_at - 10 * MINUTE)
    came = desk.appointments(ME).upcoming[0]
    desk.gate.check_in(came.number, by=CLERK, request_id="came")
    return desk


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path):
    with used(MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")) as made:
        yield made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bookings.db"


@pytest.fixture
def filed(path):
    with used(SqliteStore(path)) as made:
        yield made


def damaged(path, statement, *values):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement, values).rowcount >= 1


def answer_to(desk, request_id):
    found = AppointmentBook(desk.store).answer(RequestId(request_id))
    assert found is not None
    return found


def answered(desk, request_id):
    """The appointment as the answer has it."""
    found = answered_appointment(answer_to(desk, request_id).outcome)
    assert found is not None
    return found


def exchanged(path, answer):
    """The answer's record is replaced by that of `answer`."""
    body = answer_records(answer).answer.body
    damaged(path, "UPDATE answers SET body = ? WHERE request_id = ?", body, answer.command.request_id)


def event_of(desk, request_id, number=None):
    """The event of that appointment, or of the answered one, which the request caused."""
    number = number or answered(desk, request_id).number
    return next(each for each in desk.audit.history(number, by=System()) if each.request_id == request_id)


def rewritten(path, event, by):
    """The log has the event `by` instead of `event`."""
    new = event_append(by)
    damaged(path, f"UPDATE log SET kind = ?, body = ? WHERE {EVENT}", new.kind, new.body, *place_of(event))


EVENT = "stream = ? AND kind = ?"
"""Of one appointment; here it has one event of each kind at most."""


def place_of(event):
    return stream_of_appointment(event.number), EVENT_TAGS[type(event)]


def restated(path, person_state):
    """The person's state is stored as given."""
    damaged(
        path,
        "UPDATE people SET version = ?, body = ? WHERE subject = ?",
        person_state.version,
        person_state_put(person_state).body,
        person_state.applicant.subject,
    )


def kinds(report):
    return [each.invariant for each in report.broken]


@pytest.mark.parametrize("page", [1, 2, 200])
def test_nothing_is_found_in_a_sound_store_and_all_of_it_is_looked_at(desk, page, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", page)
    pages: list[Verification] = []
    report = desk.audit.verify(progress=pages.append)
    assert report.broken == ()
    assert report
    assert (report.appointments, report.events, report.slots, report.answers) == (8, 13, 4, 15)
    assert pages[-1] == report
    assert [each.answers for each in pages] == sorted(each.answers for each in pages)


def test_an_empty_store_is_sound():
    report = open_desk().audit.verify()
    assert report
    assert (report.appointments, report.slots, report.answers) == (0, 0, 0)


@pytest.mark.parametrize(("seats_taken", "seated"), [(1, 2), (3, 2)])
def test_a_count_of_seats_that_is_off_is_found(filed, path, seats_taken, seated):
    damaged(path, "UPDATE seats SET value = ? WHERE key LIKE 'north/%' AND value = 2", seats_taken)
    assert filed.audit.verify().broken == (
        BrokenInvariant(
            invariant=Invariant.SEATS,
            where="north renewal 2026-11-23T05:00:00Z",
            found=f"{seats_taken} seats taken",
            expected=f"{seated}, one for each appointment or hold",
        ),
    )


def test_a_count_of_seats_that_is_gone_is_found(filed, path):
    damaged(path, "DELETE FROM seats WHERE key LIKE 'south/%'")
    (broken,) = filed.audit.verify().broken
    assert (
        str(broken) == "south renewal 2026-11-23T06:00:00Z: 0 seats taken; expected 1, one for each appointment or hold"
    )


def test_a_lost_event_is_found_and_so_are_the_answers_that_nothing_bears_out(filed, path):
    damaged(path, f"DELETE FROM log WHERE {EVENT}", *place_of(event_of(filed, "confirmed")))
    versions, *answers = filed.audit.verify().broken
    assert versions.invariant is Invariant.VERSIONS
    assert (versions.found, versions.expected) == ("events [1, 3]", "1 to 3")
    assert {(each.invariant, each.where) for each in answers} == {
        (Invariant.REQUESTS, "request confirmed"),
        (Invariant.REQUESTS, "request came"),
    }


def test_a_state_that_was_changed_by_hand_is_found(filed, path):
    damaged(path, "UPDATE appointments SET state = 'cancelled' WHERE state = 'checked-in'")
    state, person_state, seats = filed.audit.verify().broken
    assert (state.invariant, state.found, state.expected) == (Invariant.STATE, "state cancelled", "state checked-in")
    assert person_state.invariant is Invariant.PERSON_STATES
    assert (seats.invariant, seats.found) == (Invariant.SEATS, "1 seats taken")


@pytest.mark.parametrize(
    ("parts", "found", "expected"),
    [
        ({"time_zone": "Asia/Qatar"}, "another time zone", "the rebuilt time zone"),
        ({"hold_ends_at": None}, "no hold ends at", "hold ends at 2026-11-22T04:21:00+00:00"),
        (
            {"slot": slot(26, "transfer", "south")},
            "slot south transfer 2026-11-23T06:00:00Z",
            "slot south renewal 2026-11-23T06:00:00Z",
        ),
    ],
)
def test_anything_else_changed_by_hand_is_found(filed, path, parts, found, expected):
    held = answered(filed, "runs-out-unswept")
    row = appointment_put(copy_with(held, **parts))
    *_, hold_ends_at = row.columns
    damaged(
        path,
        "UPDATE appointments SET service = ?, hold_ends_at = ?, body = ? WHERE number = ?",
        row.columns[2],
        hold_ends_at and f"{hold_ends_at:%Y-%m-%dT%H:%M:%S}",
        row.body,
        held.number,
    )
    state = next(each for each in filed.audit.verify().broken if each.invariant is Invariant.STATE)
    assert (state.found, state.expected) == (found, expected)


def test_an_appointment_of_which_only_the_events_are_left_is_found(filed, path):
    damaged(path, "DELETE FROM appointments WHERE state = 'expired'")
    (broken,) = filed.audit.verify().broken
    assert (broken.invariant, broken.found) == (Invariant.VERSIONS, "events [1, 2] and no appointment")


def test_an_event_of_an_appointment_that_is_not_there_is_found(filed, path):
    stray = number(9_999)
    damaged(
        path,
        "INSERT INTO log (stream, kind, body) SELECT ?, kind, body FROM log WHERE kind = 'checked-in'",
        stream_of_appointment(stray),
    )
    (broken,) = filed.audit.verify().broken
    assert (broken.invariant, broken.where) == (Invariant.VERSIONS, stray)
    assert broken.found == "events [3] and no appointment"


def test_events_that_cannot_follow_each_other_are_found(filed, path):
    released = event_of(filed, "moved", answered(filed, "held").number)
    parts = {name: getattr(released, name) for name in ("number", "version", "at", "actor", "rulebook", "request_id")}
    rewritten(path, released, by=AppointmentCheckedIn(**parts))
    assert "events that can't follow each other" in {each.found for each in filed.audit.verify().broken}


def test_a_lost_answer_is_found(filed, path):
    damaged(path, "DELETE FROM answers WHERE request_id = 'confirmed'")
    (broken,) = filed.audit.verify().broken
    assert (broken.invariant, broken.found) == (Invariant.REQUESTS, "no answer to the request of version 2")


def test_an_answer_that_was_exchanged_for_a_refusal_is_found(filed, path):
    exchanged(path, copy_with(answer_to(filed, "confirmed"), outcome=answer_to(filed, "overlapping").outcome))
    broken, *_ = filed.audit.verify().broken
    assert broken.found == "the answer Refused to the request of version 2"


def test_an_answer_about_another_appointment_is_found(filed, path):
    exchanged(path, copy_with(answer_to(filed, "confirmed"), outcome=answer_to(filed, "booked-anew").outcome))
    event, answer = filed.audit.verify().broken
    assert event.found.startswith("an answer about 001")
    assert (answer.where, answer.found) == ("request confirmed", "that version under another request")


def test_an_answer_with_more_than_the_appointment_is_found(filed, path):
    answer = answer_to(filed, "came")
    moved = copy_with(answered(filed, "came"), time_zone="Asia/Qatar")
    exchanged(path, copy_with(answer, outcome=CheckedIn(moved)))
    event, answer = filed.audit.verify().broken
    assert event.where.startswith("001")
    assert (answer.where, answer.found) == ("request came", "another time zone")


def test_an_answer_whose_appointment_is_gone_with_its_events_is_found(filed, path):
    damaged(
        path,
        "DELETE FROM log WHERE stream = ?",
        stream_of_appointment(answered(filed, "to-run-out").number),
    )
    damaged(path, "DELETE FROM appointments WHERE state = 'expired'")
    (broken,) = filed.audit.verify().broken
    assert (broken.where, broken.found) == ("request to-run-out", "0 events of it")


@pytest.mark.parametrize("page", [1, 200])
def test_an_answer_that_is_filed_under_another_id_is_found(filed, path, page, monkeypatch):
    monkeypatch.setattr(verifying, "PAGE", page)
    damaged(path, "UPDATE answers SET request_id = 'zzz' WHERE request_id = 'came'")
    broken = filed.audit.verify().broken
    assert broken[0].found == "no answer to the request of version 3"
    assert [each.where for each in broken[1:]] == ["request zzz"]


def test_a_hold_that_was_given_back_for_somebody_else_is_found(filed, path):
    released = event_of(filed, "moved", answered(filed, "held").number)
    rewritten(path, released, by=copy_with(released, request_id=RequestId("to-run-out")))
    broken = filed.audit.verify().broken
    assert [each.found for each in broken] == ["an answer to another person to the request of version 2"]


def test_a_declaration_that_is_gone_is_found(filed, path):
    damaged(path, "DELETE FROM calendar_entries")
    (broken,) = filed.audit.verify().broken
    assert (broken.where, broken.found) == ("request declared", "another calendar entry 1, or none")


def person_state_in(store):
    return person_state_of(AppointmentBook(store))


def test_a_standing_that_went_back_is_found(filed, path):
    restated(path, copy_with(person_state_in(filed.store), version=1))
    broken = filed.audit.verify().broken
    assert {each.invariant for each in broken} == {Invariant.PERSON_STATES}
    assert {each.found for each in broken} == {"a person state of version 1"}


def listed_in(desk):
    """A person's state, and the booked appointment that it lists."""
    person_state = person_state_in(desk.store)
    return person_state, next(each for each in person_state.appointments if each.state is AppointmentState.BOOKED)


def test_an_appointment_that_a_standing_leaves_out_is_found(filed, path):
    person_state, listed = listed_in(filed)
    restated(
        path, copy_with(person_state, appointments=tuple(each for each in person_state.appointments if each != listed))
    )
    (broken,) = filed.audit.verify().broken
    assert (broken.invariant, broken.where) == (Invariant.PERSON_STATES, listed.number)
    assert (broken.found, broken.expected) == ("a person state without it", "it, as it is booked")


def test_an_appointment_that_a_standing_lists_with_another_state_is_found(filed, path):
    person_state, listed = listed_in(filed)
    altered = copy_with(listed, state=AppointmentState.CHECKED_IN)
    restated(
        path,
        copy_with(
            person_state, appointments=tuple(altered if each == listed else each for each in person_state.appointments)
        ),
    )
    (broken,) = filed.audit.verify().broken
    assert (broken.invariant, broken.where) == (Invariant.PERSON_STATES, listed.number)
    assert broken.found == "a person state in which it differs (checked-in)"


def test_an_appointment_of_another_that_a_standing_lists_is_found(filed, path):
    """One under whose number nothing is stored may have been archived; the marks of a sealed log show the forgery."""
    person_state, _ = listed_in(filed)
    more = answered(filed, "crowd-3").as_listed()
    restated(path, copy_with(person_state, appointments=(*person_state.appointments, more)))
    broken = filed.audit.verify().broken
    assert {each.invariant for each in broken} == {Invariant.PERSON_STATES}
    assert {each.found for each in broken} == {f"a person state with {more.number}"}


def test_an_appointment_that_is_listed_and_not_found_by_its_number_is_reported():
    class Forgetful(MemoryStore):
        def read(self, queries):
            return [
                [None for _ in found] if isinstance(query, RecordsByKey) and query[0] == APPOINTMENTS.name else found
                for query, found in zip(queries, super().read(queries), strict=True)
            ]

    store = Forgetful()
    AppointmentBook(store).commit([booking(1)])
    assert [each.found for each in open_desk(store=store).audit.verify().broken] == ["no appointment by its number"]


def decided(desk, applicant, at, request_id, **seen):
    """The change that books `at`, decided on the facts of the store, with those of `seen` in their place."""
    request = desk._office.requests.book(
        at, applicant=applicant, agreed=True, request_id=request_id, by=None, assertions=None
    )
    now = desk.clock.now()
    (found,) = AppointmentBook(desk.store).facts([request.query])
    return request.decide(desk._office.configuration.now(), copy_with(found, **seen), now)


@pytest.mark.parametrize("apart", [timedelta(), timedelta(seconds=30), timedelta(minutes=5), DAY / 24])
@pytest.mark.parametrize("order", [1, -1])
def test_two_grants_that_did_not_know_of_each_other_are_found(apart, order):
    store = MemoryStore()
    desk = open_desk(small_catalogue(capacity=2), store=store)
    desk.cancel(number(1), by=ME, request_id="registers")
    first = decided(desk, ME, SLOTS[0], "first")
    desk.clock.advance(apart)
    second = decided(desk, ME, SLOTS[1], "second")
    book = AppointmentBook(store)
    for change in (first, second)[::order]:
        again = person_state_of(book).after(change.appointments, desk.clock.now())
        assert book.commit([copy_with(change, person_state=again)]) == [Committed()]
    broken = desk.audit.verify().broken
    assert set(kinds(desk.audit.verify())) == {Invariant.LIMITS}
    assert "granted against BK-07, beside 1 others that were active" in {each.found for each in broken}
    assert not any(ME.reveal() in str(each) for each in broken)


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(hours=5), timedelta(hours=-5), timedelta(hours=30)])
@pytest.mark.parametrize("apart", [timedelta(), timedelta(minutes=-3), timedelta(minutes=9)])
def test_a_booking_that_did_not_know_of_a_hold_is_found_whatever_the_clocks_of_the_hosts(ahead, apart):
    store = MemoryStore()
    far = open_desk(small_catalogue(capacity=2), store=store, clock=MovableClock(START + ahead))
    other = far.book(slot(97), applicant=ME, agreed=True, request_id="registers")
    assert isinstance(far.cancel(other.appointment.number, by=ME, request_id="cancelled"), Cancelled)
    desk = open_desk(small_catalogue(capacity=2), store=store)
    later = open_desk(small_catalogue(capacity=2), store=store, clock=MovableClock(START + apart))
    overlapping = decided(later, ME, slot(73, "transfer"), "second")
    assert isinstance(desk.hold(slot(73), applicant=ME, request_id="first"), Held)
    book = AppointmentBook(store)
    again = person_state_of(book).after(overlapping.appointments, later.clock.now())
    assert book.commit([copy_with(overlapping, person_state=again)]) == [Committed()]

    found = [each.found for each in desk.audit.verify().broken if each.invariant is Invariant.LIMITS]
    assert found == ["granted against BK-09, beside 1 others that were active"]


def test_a_change_that_was_written_before_one_decided_earlier_is_no_fault():
    """The clock of the cancelling host is 20 seconds ahead of that of the host that books then."""
    desk = open_desk(small_catalogue(capacity=2))
    mine = desk.book(SLOTS[0], applicant=ME, agreed=True, request_id="first")
    desk.clock.advance(timedelta(minutes=2, seconds=20))
    desk.cancel(mine.appointment.number, by=ME, request_id="cancelled")
    desk.clock.move_to(START + timedelta(minutes=2))
    desk.book(SLOTS[1], applicant=ME, agreed=True, request_id="second")
    assert desk.audit.verify().broken == ()
    assert len(desk.appointments(ME).upcoming) == 1


@pytest.mark.rule("BK-07")
@pytest.mark.rule("BK-09")
@pytest.mark.parametrize("back", [timedelta(seconds=61), timedelta(minutes=3), timedelta(hours=5)])
def test_a_clock_that_was_set_back_is_no_fault(back):
    desk = open_desk(small_catalogue(capacity=2))
    desk.clock.advance(DAY / 4)
    mine = desk.book(SLOTS[0], applicant=ME, agreed=True, request_id="first")
    desk.cancel(mine.appointment.number, by=ME, request_id="cancelled")
    desk.clock.advance(-back)
    desk.book(SLOTS[1], applicant=ME, agreed=True, request_id="second")
    desk.book(SLOTS[3], applicant=ME, agreed=True, request_id="third")

    assert desk.audit.verify().broken == ()
    assert len(desk.appointments(ME).upcoming) == 2


def test_grants_under_looser_rules_than_those_of_today_are_no_fault():
    old = copy_with(small_rulebook("old"), in_force_until=date(2026, 11, 23))
    new = copy_with(small_rulebook("new", BK_08={"appointments": 1}), in_force_from=date(2026, 11, 23))
    store, clock = MemoryStore(), MovableClock(START)
    desk = open_desk(store=store, clock=clock, rulebook=Rulebooks((old, new)))
    for serial, at in enumerate((slot(49), slot(50, "transfer"))):
        assert desk.book(at, applicant=ME, agreed=True, request_id=f"{serial}")
    clock.advance(DAY)
    assert isinstance(desk.book(slot(51), applicant=ME, agreed=True, request_id="2"), Refused)
    assert desk.audit.verify().broken == ()


def test_grants_under_an_unknown_rulebook_are_reported(filed, path):
    lost = copy_with(answer_to(filed, "booked-anew"), rulebook="lost")
    wordings = [(each.key, each.text) for each in answer_records(lost).wordings]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executemany("INSERT OR IGNORE INTO wordings VALUES (?, 1, ?)", wordings)
    exchanged(path, lost)
    report = filed.audit.verify()
    assert report.broken == ()
    assert report.unknown_versions == ("lost",)


def oversold(store):
    desk = open_desk(small_catalogue(capacity=2), store=store)
    changes = [decided(desk, made_up_person(serial), SLOTS[0], f"{serial}") for serial in range(3)]
    loose = [copy_with(each, seats=(SeatChange(SLOTS[0], 1, 9),)) for each in changes]
    AppointmentBook(store).commit(loose)
    return desk


def test_seats_granted_above_the_capacity_of_their_moment_are_found():
    (broken,) = oversold(MemoryStore()).audit.verify().broken
    assert broken.invariant is Invariant.CAPACITY
    assert str(broken) == (
        "north renewal 2026-11-23T05:00:00Z: 3 appointments with a seat;"
        " expected at most 2, the capacity when they got theirs"
    )


@pytest.mark.parametrize("catalogue", [small_catalogue(capacity=1), small_catalogue(opens_minute=600)])
def test_seats_that_were_granted_before_the_capacity_was_lowered_are_no_fault(catalogue):
    store = MemoryStore()
    desk = open_desk(small_catalogue(capacity=2), store=store)
    for serial in range(2):
        desk.book(SLOTS[0], applicant=made_up_person(serial), agreed=True, request_id=f"{serial}")
    assert open_desk(catalogue, store=store).audit.verify().broken == ()


def test_seats_of_a_branch_that_has_left_the_catalogue_are_looked_at_all_the_same():
    store = MemoryStore()
    AppointmentBook(store).commit(
        [booking(1, at=slot(branch="gone"), capacity=2), booking(2, bookings.YOU, slot(branch="gone"), capacity=2)]
    )
    assert open_desk(store=store).audit.verify().broken == ()
    AppointmentBook(store).commit([Change(seats=(SeatChange(slot(branch="gone"), 1, 9),))])
    assert kinds(open_desk(store=store).audit.verify()) == [Invariant.SEATS]


def test_seats_without_a_record_of_their_capacity_are_not_reported(path):
    with oversold(SqliteStore(path)) as desk:
        exchanged(path, copy_with(answer_to(desk, "1"), case=None))
        assert desk.audit.verify().broken == ()


def test_changes_without_a_request_need_no_request():
    store = MemoryStore()
    AppointmentBook(store).commit([held(1, person_state=PersonState(bookings.ME))])
    assert open_desk(store=store).audit.verify().broken == ()


def test_every_fault_is_reported_and_the_first_are_kept():
    store = MemoryStore()
    AppointmentBook(store).commit([Change(seats=(SeatChange(slot(hours), 1, 1),)) for hours in range(5)])
    reported: list[BrokenInvariant] = []
    report = open_desk(store=store).audit.verify(found=reported.append, limit=2)
    assert (report.broken_count, len(report.broken), len(reported)) == (5, 2, 5)
    assert not report
    assert list(report.broken) == reported[:2]


@pytest.mark.parametrize("limit", [0, 1_000_001])
def test_how_much_is_kept_is_bounded(limit):
    with pytest.raises(InvalidInput):
        open_desk().audit.verify(limit=limit)


def test_no_finding_names_a_person(filed, path):
    damaged(path, "UPDATE appointments SET subject = ? WHERE state = 'held'", "x" * 22)
    damaged(path, "DELETE FROM answers")
    broken = filed.audit.verify().broken
    assert "another applicant" in {each.found for each in broken}
    report = " ".join(map(str, broken))
    assert not any(made_up_person(serial).reveal() in report for serial in (*range(10),))
