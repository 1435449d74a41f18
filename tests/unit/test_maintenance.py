"""Pruning: each kind of record at its moment, with its parts and nothing else, during any traffic.

Over 400 lines: one test for each kind of record and its moment, over one small store.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from attrs import evolve as copy_with

from tests.bookings import slot
from tests.calendars import order
from tests.cases import CLERK, MINUTE
from tests.maintained import (
    DAY,
    PERIODS,
    STORES,
    TICK,
    Interposed,
    deletes_in,
    desk_over,
    log_of,
    opened,
    puts_in,
    rows_of,
    seats_of,
    sizes_of,
)
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    Assertions,
    Booked,
    InvalidInput,
    NotFound,
    Refused,
    StoreUnavailable,
    System,
    UpkeepDone,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.audit.retention import PERIODS as NAMES
from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.people.attempts import Failures, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence._sync import pruning, upkeep
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.schema import ACCOUNTS, APPOINTMENTS, PEOPLE, PERSONS
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.simulation.faulty_store import FaultyStore, StoreFault, faults_at

SYSTEM = System()
EARLY, LATE, NEXT_DAY = slot(25), slot(25.5), slot(49)
NO_SLOT = slot(1.01)
THEIRS = {"held", "held-again", "held-back", "booked", "yours", "to-be-cancelled", "cancelled", "came", "refused"}
"""The requests of the appointments that `used` names, and the refused one, without the one that gave a hold back."""
NAME = UserName("sara.q7")
NOTHING = dict.fromkeys(NAMES, 0)
VOUCHED = Assertions(checked_at=START, birth_date=date(1990, 5, 17))


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as made:
        yield made


@pytest.fixture
def desk(store):
    return desk_over(store)


@pytest.fixture
def small_batches(monkeypatch):
    """Two records a batch."""
    monkeypatch.setattr(pruning, "BATCH", 2)
    monkeypatch.setattr(upkeep, "BATCH", 2)


def book(desk, request_id, *, at=EARLY, applicant=ME, **named):
    return desk.book(at, applicant=applicant, agreed=True, request_id=request_id, **named)


def session(ends_at):
    """A session of mine in a browser."""
    value = Session(applicant=ME, started_at=START, ends_at=ends_at, token="a token")
    return IssuedSession(session=value, device="a browser", generation=0)


def prune(desk, at=None):
    if at is not None:
        desk.clock.move_to(at)
    return dict(desk.maintenance.prune(by=SYSTEM))


def used(desk):
    """Appointments of two persons that end on several days, in every state, with all possible parts.

    Returns the numbers of those whose slots are over at the end of the second day.
    """
    desk.calendar.declare(order(date(2027, 1, 3)), reason="leave", by=CLERK, request_id="declared")
    held = desk.hold(EARLY, applicant=ME, request_id="held", assertions=VOUCHED)
    desk.hold(EARLY, applicant=ME, request_id="held-again", assertions=VOUCHED)
    later = desk.hold(NEXT_DAY, applicant=ME, request_id="held-later")  # gives the earlier hold back
    back = desk.hold(EARLY, applicant=ME, request_id="held-back")  # and this gives the later one back
    mine = book(desk, "booked", assertions=VOUCHED)
    yours = book(desk, "yours", applicant=YOU)
    gone = book(desk, "to-be-cancelled", applicant=YOU, at=slot(26, "transfer"))
    desk.cancel(gone.appointment.number, by=YOU, request_id="cancelled")
    kept = book(desk, "kept", applicant=YOU, at=slot(73, "transfer"))
    third = made_up_person(3)
    moved = book(desk, "to-be-moved", applicant=third, at=NEXT_DAY)
    desk.move(moved.appointment.number, slot(97), by=third, request_id="moved")
    desk.hold(slot(49.5), applicant=made_up_person(4), request_id="runs-out")
    book(desk, "refused", at=NO_SLOT, applicant=YOU, assertions=VOUCHED)
    desk.clock.advance(11 * MINUTE)
    desk.person_of(kept.appointment.applicant.subject, by=CLERK)
    desk.clock.move_to(EARLY.starts_at)
    desk.gate.check_in(mine.appointment.number, by=CLERK, request_id="came")
    over = [held, back, mine, yours, gone]
    assert later.appointment.number not in {each.appointment.number for each in over}
    return {each.appointment.number for each in over}


def test_an_appointment_goes_a_moment_after_its_period(desk):
    booked = book(desk, "booked").appointment
    end = booked.slot_ends_at + PERIODS.appointments
    assert prune(desk, end) == NOTHING
    assert desk.appointment(booked.number, by=ME) == booked
    assert prune(desk, end + TICK) == NOTHING | {"appointments": 1}
    with pytest.raises(NotFound):
        desk.appointment(booked.number, by=ME)


def test_all_of_an_appointment_goes_and_nothing_of_others(desk, store):
    over = used(desk)
    before, log, seats = rows_of(store), log_of(store), seats_of(store)
    later = prune(desk, EARLY.starts_at + DAY - 8 * timedelta(hours=1) + PERIODS.appointments)["appointments"]
    assert later == len(over)
    after, left = rows_of(store), log_of(store)
    assert before["appointments"].keys() - after["appointments"].keys() == over
    assert before["answers"].keys() - after["answers"].keys() == THEIRS
    assert after["assertions"] == {}
    kept = ["appointments", "answers", "people", "persons", "calendars", "calendar_entries", "wordings", "person_keys"]
    assert all(before[name][key] == row for name in kept for key, row in after[name].items())
    assert all(after[name] == before[name] for name in kept[2:])
    gone = [each for each in log if each not in left]
    assert {stream.removesuffix("/again") for stream, _, _ in gone} - over == {
        f"refused/{START:%Y-%m-%d}",
        f"revealed/{START:%Y-%m-%d}",
    }
    assert seats_of(store) == {key: seats_taken for key, seats_taken in seats.items() if key != seat_key(EARLY)}
    assert seats[seat_key(EARLY)] == 2


def test_the_remaining_records_are_sound_and_can_be_explained(desk):
    used(desk)
    for days in (2, 3, 5, 200):
        prune(desk, START + PERIODS.appointments + days * DAY)
        assert desk.audit.verify().broken == ()
    assert desk.audit.verify().appointments == 0


@pytest.mark.parametrize("first", [EARLY, NEXT_DAY], ids=["the earlier hold", "the later hold"])
def test_a_request_that_gave_a_hold_back_is_answered_as_long_as_what_it_held_stands(desk, first):
    second = NEXT_DAY if first is EARLY else EARLY
    given_back = desk.hold(first, applicant=ME, request_id="first").appointment
    held = desk.hold(second, applicant=ME, request_id="second").appointment
    assert prune(desk, EARLY.starts_at + PERIODS.appointments + 1.5 * timedelta(hours=1))["appointments"] == 1
    assert desk.audit.verify().broken == ()
    if first is EARLY:
        assert desk.hold(second, applicant=ME, request_id="second").appointment == held
    else:
        assert [type(each).__name__ for each in desk.audit.history(given_back.number, by=ME)] == [
            "AppointmentHeld",
            "HoldReleased",
        ]


def test_a_standing_that_still_lists_a_pruned_appointment_is_sound(desk):
    book(desk, "early")
    late = book(desk, "late", at=slot(24 * 50 + 1, "transfer")).appointment
    assert prune(desk, EARLY.starts_at + PERIODS.appointments + DAY)["appointments"] == 1
    assert desk.audit.verify().broken == ()
    assert desk.appointment(late.number, by=ME) == late


def test_a_refusal_goes_once_its_whole_day_is_older_than_its_period(desk, store):
    refused = book(desk, "refused", at=NO_SLOT)
    desk.clock.move_to(datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC))
    book(desk, "late", at=NO_SLOT)
    desk.clock.move_to(datetime(2026, 11, 23, tzinfo=UTC))
    book(desk, "next-day", at=NO_SLOT)
    midnight = datetime(2026, 11, 23, tzinfo=UTC) + PERIODS.refusals
    assert prune(desk, midnight - TICK) == NOTHING
    assert book(desk, "refused", at=NO_SLOT) == refused
    assert prune(desk, midnight) == NOTHING | {"refusals": 2}
    assert list(rows_of(store)["answers"]) == ["next-day"]
    assert [stream for stream, _, _ in log_of(store) if stream.startswith("refused")] == ["refused/2026-11-23"]
    assert isinstance(book(desk, "refused", at=slot(31 * 24 + 2)), Booked)  # decided anew, as another request even


def test_assertions_go_a_moment_after_their_period_and_the_decision_is_kept(desk, store):
    booked = book(desk, "booked", assertions=VOUCHED).appointment
    assert prune(desk, START + PERIODS.assertions) == NOTHING
    assert prune(desk, START + PERIODS.assertions + TICK) == NOTHING | {"assertions": 1}
    assert rows_of(store)["assertions"] == {}
    assert book(desk, "booked", assertions=VOUCHED) != Refused(())
    assert desk.audit.history(booked.number, by=ME)
    (why,) = desk.explain(booked.number, by=ME)
    assert why.request_id == "booked"
    assert desk.audit.verify().broken == ()


def test_the_assertions_of_moves_to_the_same_slot_go_and_the_store_stays_sound(desk, store):
    booked = book(desk, "booked").appointment
    for by, request_id in ((ME, "mine"), (CLERK, "a-clerks")):
        desk.move(booked.number, EARLY, by=by, request_id=request_id, assertions=VOUCHED)
    assert {row[2] for row in rows_of(store)["assertions"].values()} == {booked.applicant.subject}
    assert prune(desk, START + PERIODS.assertions + TICK) == NOTHING | {"assertions": 2}
    assert desk.audit.verify().broken == ()


def test_a_person_goes_a_moment_after_their_period_if_nothing_but_an_account_is_left(desk, store):
    book(desk, "refused", at=NO_SLOT)
    accounts = SignIns(store, desk.clock.now)
    accounts.set_password_hash(ME, "a hash")
    accounts.set_user_name(ME, NAME)
    accounts.commit([SignInChange(attempts=SignInAttempts(account=ME, version=1, strangers=Failures(1)))])
    subject = next(iter(rows_of(store)["people"]))
    assert prune(desk, START + PERIODS.persons) == NOTHING | {"refusals": 1}
    assert desk.person_of(subject, by=SYSTEM) == ME
    assert prune(desk, START + PERIODS.persons + TICK) == NOTHING | {"persons": 1}
    rows = rows_of(store)
    assert [rows[name] for name in ("persons", "people", "names", "accounts", "attempts")] == [{}] * 5
    assert not [each for each in log_of(store) if each[0].startswith("person/")]
    with pytest.raises(NotFound, match=r"^no person '[^']+': erased, or never registered$"):
        desk.person_of(subject, by=SYSTEM)
    assert accounts.password_hash(ME) is None
    assert accounts.person_named(NAME) is None


@pytest.mark.parametrize("what", ["appointment", "assertions"])
def test_a_person_is_kept_as_long_as_something_of_theirs_is(store, what):
    desk = desk_over(store, retention=copy_with(PERIODS, persons=DAY, assertions=20 * DAY))
    if what == "appointment":
        book(desk, "booked")
        until = EARLY.starts_at + 15 * MINUTE + PERIODS.appointments
    else:
        book(desk, "refused", at=NO_SLOT, assertions=VOUCHED)
        until = START + 20 * DAY
    assert prune(desk, until)["persons"] == 0
    assert prune(desk, until + TICK)["persons"] == 1


def test_failed_attempts_go_a_moment_after_their_period(desk, store):
    accounts = SignIns(store, desk.clock.now)
    failed = SignInAttempts(account=ME, version=1, strangers=Failures(2, START))
    accounts.commit([SignInChange(attempts=failed)])
    assert prune(desk, START + PERIODS.attempts) == NOTHING
    assert accounts.attempts(ME) == failed
    assert prune(desk, START + PERIODS.attempts + TICK) == NOTHING | {"attempts": 1}
    assert accounts.attempts(ME).version == 0


def test_used_codes_go_a_moment_after_their_period(desk, store):
    accounts = SignIns(store, desk.clock.now)
    accounts.commit([SignInChange(once=("code",))])
    assert prune(desk, START + PERIODS.codes) == NOTHING
    assert accounts.is_spent("code")
    assert prune(desk, START + PERIODS.codes + TICK) == NOTHING | {"codes": 1}
    assert not accounts.is_spent("code")


def test_a_session_goes_a_moment_after_its_period_and_its_device_is_no_longer_known(desk, store):
    accounts, end = SignIns(store, desk.clock.now), START + MINUTE
    accounts.commit([SignInChange(session=session(end))])
    assert prune(desk, end + PERIODS.sessions) == NOTHING
    assert accounts.facts(ME, "a browser").known
    assert prune(desk, end + PERIODS.sessions + TICK) == NOTHING | {"sessions": 1}
    assert not accounts.facts(ME, "a browser").known
    assert accounts.issued("a token") is None


def test_a_person_with_a_session_is_kept(store):
    desk = desk_over(store, retention=copy_with(PERIODS, persons=DAY, sessions=20 * DAY))
    accounts = SignIns(store, desk.clock.now)
    accounts.commit([SignInChange(session=session(START + MINUTE))])
    assert prune(desk, START + 3 * DAY)["persons"] == 0
    assert prune(desk, START + MINUTE + 20 * DAY + TICK) == NOTHING | {"sessions": 1}
    assert prune(desk) == NOTHING | {"persons": 1}


def test_a_reveal_goes_once_its_whole_day_is_older_than_its_period(desk, store):
    subject = book(desk, "booked").appointment.applicant.subject
    desk.person_of(subject, by=SYSTEM)
    desk.person_of(subject, by=CLERK)
    midnight = datetime(2026, 11, 23, tzinfo=UTC) + PERIODS.reveals
    assert prune(desk, midnight - TICK) == NOTHING
    assert prune(desk, midnight) == NOTHING | {"reveals": 2}
    assert not [each for each in log_of(store) if each[0].startswith("revealed")]


def test_days_before_the_first_entry_of_the_log_are_pruned_too(desk, store):
    """Clocks of several hosts differ: an entry of yesterday may stand behind one of today."""
    desk.clock.move_to(datetime(2026, 11, 23, tzinfo=UTC))
    book(desk, "today", at=NO_SLOT)
    desk.clock.move_to(datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC))
    book(desk, "yesterday", at=NO_SLOT)
    assert prune(desk, datetime(2026, 11, 24, tzinfo=UTC) + PERIODS.refusals)["refusals"] == 2
    assert rows_of(store)["answers"] == {}


@pytest.mark.usefixtures("small_batches")
def test_small_batches_remove_the_same_and_each_is_a_log_entry(desk, store):
    for place in range(5):
        book(desk, f"{place}", applicant=made_up_person(place + 10), at=slot(25 + place / 4), assertions=VOUCHED)
        book(desk, f"refused-{place}", at=NO_SLOT)
    desk.clock.advance(PERIODS.persons + DAY)
    removed = prune(desk)
    assert removed == NOTHING | {"appointments": 5, "refusals": 5, "persons": 6}
    done = [entry.what for entry in desk.feed().entries if isinstance(entry.what, UpkeepDone)]
    assert all(each == UpkeepDone(at=desk.clock.now(), actor=SYSTEM, what=each.what, count=each.count) for each in done)
    assert [(each.what, each.count) for each in done if each.what != "persons"] == [
        ("appointments", 2),
        ("appointments", 2),
        ("appointments", 1),
        ("refusals", 2),
        ("refusals", 2),
        ("refusals", 1),
    ]
    assert sum(each.count for each in done if each.what == "persons") == 6
    left = {name for name, size in sizes_of(store).items() if size}
    assert left == {"calendars", "person_keys", "wordings"}


def test_pruning_twice_removes_nothing_and_logs_nothing(desk, store):
    used(desk)
    desk.clock.move_to(START + PERIODS.appointments + 3 * DAY)
    assert prune(desk) != NOTHING
    before = rows_of(store), seats_of(store), log_of(store)
    assert prune(desk) == NOTHING
    assert (rows_of(store), seats_of(store), log_of(store)) == before


def test_pruning_an_empty_store_removes_nothing(desk):
    assert prune(desk) == NOTHING


def test_other_periods_may_be_given_for_one_run(desk):
    book(desk, "refused", at=NO_SLOT)
    desk.clock.advance(3 * DAY)
    assert prune(desk) == NOTHING
    shorter = copy_with(PERIODS, refusals=DAY)
    assert desk.maintenance.prune(retention=shorter, by=CLERK) == NOTHING | {"refusals": 1}
    (done,) = [entry.what for entry in desk.feed().entries if isinstance(entry.what, UpkeepDone)]
    assert (done.actor, done.what, done.count) == (CLERK, "refusals", 1)


@pytest.mark.parametrize("by", [ME, None, "counter-3"], ids=["an applicant", "nobody", "text"])
def test_only_staff_and_the_library_may_prune(desk, store, by):
    book(desk, "refused", at=NO_SLOT)
    desk.clock.advance(3 * PERIODS.persons)
    before = rows_of(store)
    with pytest.raises(InvalidInput, match=r"^actor: got \w+; expected a Clerk or System$"):
        desk.maintenance.prune(by=by)
    assert rows_of(store) == before


@pytest.mark.parametrize("periods", [{"codes": DAY}, DAY, True], ids=repr)
def test_periods_of_another_type_are_refused(desk, periods):
    with pytest.raises(InvalidInput, match=r"^retention: got"):
        desk.maintenance.prune(retention=periods, by=SYSTEM)


@pytest.mark.long
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("fault", [StoreFault.FAILS_BEFORE, StoreFault.FAILS_AFTER])
def test_a_run_that_is_stopped_anywhere_is_taken_up_by_the_next(fault):
    def filled():
        store, clock = MemoryStore(), MovableClock(START)
        desk = desk_over(store, clock=clock)
        used(desk)
        for place in range(3):
            book(desk, f"more-{place}", at=NO_SLOT, assertions=VOUCHED)
        clock.move_to(START + PERIODS.persons + 3 * DAY)
        return store, desk

    whole, desk = filled()
    prune(desk)
    for number in count(1):
        store, desk = filled()
        try:
            prune(desk_over(FaultyStore(store, faults_at({number: fault})), clock=desk.clock))
        except StoreUnavailable:
            assert desk.audit.verify().broken == ()
            prune(desk)
            assert sizes_of(store) == sizes_of(whole)
        else:
            assert number > 30
            break


def test_a_batch_takes_as_many_round_trips_whatever_the_store_has(monkeypatch):
    def calls(appointments):
        store, clock, seen = MemoryStore(), MovableClock(START), Counter[str]()
        desk = desk_over(store, clock=clock)
        for place in range(appointments):
            book(desk, f"{place}", applicant=made_up_person(place + 10), at=slot(25 + place / 4))
        clock.advance(PERIODS.appointments + 3 * DAY)
        counting = FaultyStore(store, lambda call: seen.update([call.verb]))
        desk_over(counting, clock=clock).maintenance.prune(by=SYSTEM)
        return seen

    monkeypatch.setattr(pruning, "BATCH", 4)
    none, one, three, five = calls(1), calls(4), calls(12), calls(20)
    assert five - three == three - one
    assert (three - one).total() == 8 + 0 * none.total()  # of two batches: a page, its events, their answers, a commit


def test_somebody_whose_records_are_just_removed_books_as_a_new_person(desk, store):
    book(desk, "refused", at=NO_SLOT)
    old = next(iter(rows_of(store)["people"]))
    desk.clock.advance(PERIODS.persons + DAY)
    now = desk.clock.now()
    between = Interposed(store, lambda: prune(desk), meets=puts_in(APPOINTMENTS.name))
    booked = book(desk_over(between, clock=desk.clock), "booked", at=slot(24 * 504 + 1)).appointment
    assert between.was_met
    assert booked.applicant.subject != old
    assert desk.person_of(booked.applicant.subject, by=SYSTEM) == ME
    assert desk.appointment(booked.number, by=ME) == booked
    assert desk.clock.now() == now
    assert desk.audit.verify().broken == ()


def test_somebody_who_books_while_a_run_looks_at_them_is_kept(desk, store):
    book(desk, "refused", at=NO_SLOT)
    desk.clock.advance(PERIODS.persons + DAY)
    made = []
    between = Interposed(
        store, lambda: made.append(book(desk, "booked", at=slot(24 * 504 + 1))), meets=deletes_in(PEOPLE.name)
    )
    assert prune(desk_over(between, clock=desk.clock))["persons"] == 0
    assert between.was_met
    (booked,) = made
    assert desk.person_of(booked.appointment.applicant.subject, by=SYSTEM) == ME
    assert desk.audit.verify().broken == ()


def test_without_the_guard_of_a_person_half_of_somebody_would_be_left(desk, store):
    """The negative control of the test above: a store that deletes whatever the version is."""
    book(desk, "refused", at=NO_SLOT)
    desk.clock.advance(PERIODS.persons + DAY)

    def unguarded(change):
        stored = rows_of(store)
        return change._replace(
            deletes=tuple(
                each._replace(expected=stored[each.collection][each.key][1])
                for each in change.deletes
                if each.key in stored[each.collection]
            )
        )

    between = Interposed(
        store,
        lambda: book(desk, "booked", at=slot(24 * 504 + 1)),
        meets=deletes_in(PEOPLE.name),
        guards=unguarded,
    )
    assert prune(desk_over(between, clock=desk.clock))["persons"] == 1
    assert not desk.appointments(ME).upcoming


def test_an_account_that_is_made_while_its_person_is_removed_is_nobodys(desk, store):
    book(desk, "refused", at=NO_SLOT)
    desk.clock.advance(PERIODS.persons + DAY)
    between = Interposed(store, lambda: prune(desk), meets=puts_in(ACCOUNTS.name))
    Accounts(between, desk.clock.now).set_password_hash(ME, "a hash")
    assert between.was_met
    rows = rows_of(store)
    assert rows["accounts"].keys() == rows["people"].keys()
    assert Accounts(store, desk.clock.now).password_hash(ME) == "a hash"


@pytest.mark.race
@pytest.mark.parametrize("turn", range(3))
def test_pruning_beside_bookings_leaves_nobody_half(store, turn):
    clock = MovableClock(START)
    persons = [made_up_person(100 * turn + serial) for serial in range(12)]
    first = desk_over(store, clock=clock)
    for place, person in enumerate(persons):
        book(first, f"refused-{place}", applicant=person, at=NO_SLOT)
        if place % 3 == 0:
            book(first, f"old-{place}", applicant=person, at=slot(25 + place / 4))
    clock.advance(PERIODS.persons + DAY)
    racing = [desk_over(store, clock=clock) for _ in range(4)]
    at = [slot(24 * 504 + 1 + place / 4) for place in range(12)]

    def bookings(place):
        for each in range(place, 12, 3):
            book(racing[place], f"new-{each}", applicant=persons[each], at=at[each])

    tasks: list[Callable[[], object]] = [partial(bookings, place) for place in range(3)]
    at_once([*tasks, lambda: prune(first), lambda: prune(racing[3])])
    assert first.audit.verify().broken == ()
    assert len(rows_of(store)[PERSONS.name]) == len(rows_of(store)[PEOPLE.name]) == len(persons)
    for place, person in enumerate(persons):
        (upcoming,) = first.appointments(person).upcoming
        assert first.person_of(upcoming.applicant.subject, by=SYSTEM) == person
        assert isinstance(book(first, f"new-{place}", applicant=person, at=at[place]), Booked)
    prune(first)
    assert [len(first.appointments(person)) for person in persons] == [1] * len(persons)
