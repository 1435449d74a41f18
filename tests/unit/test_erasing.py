"""Erasing a person: the link to them is removed, decisions stay and can be checked, and the person may come back."""

from datetime import date, timedelta

import pytest

from tests.bookings import slot
from tests.cases import CLERK, MINUTE
from tests.maintained import (
    STORES,
    Interposed,
    deletes_in,
    desk_over,
    log_of,
    opened,
    puts_in,
    rows_of,
)
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    AppointmentNotFound,
    Assertions,
    Booked,
    Delegate,
    InvalidInput,
    NotFound,
    StoreUnavailable,
    System,
    UpkeepDone,
)
from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.people.attempts import Failures, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence._sync import upkeep
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.schema import ACCOUNTS, APPOINTMENTS, PERSONS
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.simulation.faulty_store import FaultyStore, StoreFault, faults_at

SYSTEM = System()
NAME = UserName("sara.q7")
OF_A_PERSON = ("persons", "names", "accounts", "attempts", "sessions", "assertions")
AT, LATER = slot(25), slot(49)
NO_SLOT = slot(1.01)
VOUCHED = Assertions(checked_at=START, birth_date=date(1990, 5, 17))


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as made:
        yield made


@pytest.fixture
def desk(store):
    return desk_over(store)


def book(desk, request_id, *, at=AT, applicant=ME, **named):
    return desk.book(at, applicant=applicant, agreed=True, request_id=request_id, **named)


def over(desk, *, applicant=ME):
    """An appointment of the applicant's, with assertions and an account, that is over by now."""
    booked = book(desk, "booked", applicant=applicant, assertions=VOUCHED).appointment
    book(desk, "refused", applicant=applicant, at=NO_SLOT, assertions=VOUCHED)
    accounts = SignIns(desk.store, desk.clock.now)
    accounts.set_password_hash(applicant, "a hash")
    accounts.set_user_name(applicant, NAME)
    accounts.commit([SignInChange(attempts=SignInAttempts(account=applicant, version=1, strangers=Failures(1)))])
    for token in "abc":
        session = Session(applicant=applicant, started_at=START, ends_at=START + MINUTE, token=token)
        issued = IssuedSession(session=session, device="a device", generation=1)
        accounts.commit([SignInChange(session=issued)])
    desk.clock.move_to(booked.slot_ends_at)
    return booked


def test_the_link_to_the_person_is_removed_and_the_decisions_stay(desk, store):
    booked = over(desk)
    before = rows_of(store)
    assert desk.maintenance.erase(ME, by=CLERK)
    after = rows_of(store)
    assert [after[name] for name in OF_A_PERSON] == [{}] * len(OF_A_PERSON)
    assert all(before[name] for name in OF_A_PERSON)
    assert SignIns(store, desk.clock.now).issued("a") is None
    for name in ("appointments", "answers", "calendars", "wordings"):
        assert after[name] == before[name]
    assert {key: row[3:] for key, row in after["people"].items()} == {
        key: row[3:] for key, row in before["people"].items()
    }
    assert ME.reveal() not in f"{after}{log_of(store)}"
    assert desk.feed().entries[-1].what == UpkeepDone(at=desk.clock.now(), actor=CLERK, what="erasure", count=1)
    assert desk.audit.verify().broken == ()
    assert desk.audit.replay().differences == ()
    assert [why.request_id for why in desk.explain(booked.number, by=CLERK)] == ["booked"]


def test_reads_show_the_person_as_erased(desk):
    booked = over(desk)
    desk.maintenance.erase(ME, by=SYSTEM)
    assert desk.appointment(booked.number, by=CLERK) == booked
    assert "مُحيت بياناته" in str(desk.ticket(booked.number, by=CLERK, language="ar"))
    assert "erased" in str(desk.ticket(booked.number, by=CLERK, language="en"))
    with pytest.raises(NotFound, match="erased, or never registered"):
        desk.person_of(booked.applicant.subject, by=SYSTEM)


def test_the_same_id_is_later_a_new_person(desk):
    booked = over(desk)
    desk.maintenance.erase(ME, by=SYSTEM)
    assert len(desk.appointments(ME)) == 0
    with pytest.raises(AppointmentNotFound):
        desk.appointment(booked.number, by=ME)
    with pytest.raises(NotFound):
        desk.explain(request_id="refused", by=ME)
    again = book(desk, "again", at=LATER).appointment
    assert again.applicant.subject != booked.applicant.subject
    assert desk.person_of(again.applicant.subject, by=SYSTEM) == ME
    assert list(desk.appointments(ME).upcoming) == [again]
    assert Accounts(desk.store, desk.clock.now).password_hash(ME) is None


def test_erasing_twice_is_erasing_once(desk, store):
    over(desk)
    assert desk.maintenance.erase(ME, by=SYSTEM)
    before = rows_of(store), log_of(store)
    assert not desk.maintenance.erase(ME, by=SYSTEM)
    assert not desk.maintenance.erase(YOU, by=SYSTEM)
    assert (rows_of(store), log_of(store)) == before


def test_others_are_left_as_they_are(desk, store):
    book(desk, "yours", applicant=YOU, assertions=VOUCHED)
    Accounts(store, desk.clock.now).set_password_hash(YOU, "another hash")
    yours = rows_of(store)
    over(desk)
    desk.maintenance.erase(ME, by=SYSTEM)
    left = rows_of(store)
    for name in ("persons", "accounts", "assertions", "people", "appointments", "answers"):
        assert yours[name].items() <= left[name].items()


@pytest.mark.parametrize("state", ["booked", "held", "checked in"])
def test_somebody_with_an_active_appointment_is_not_erased(desk, store, state):
    if state == "held":
        active = desk.hold(AT, applicant=ME, request_id="held").appointment
        until = active.hold_ends_at
    else:
        active = book(desk, "booked").appointment
        until = active.slot_ends_at
    if state == "checked in":
        desk.clock.move_to(active.starts_at)
        desk.gate.check_in(active.number, by=CLERK, request_id="came")
    before = rows_of(store)
    for moment in (desk.clock.now(), until - timedelta(microseconds=1)):
        desk.clock.move_to(moment)
        with pytest.raises(
            InvalidInput, match=rf"^person: got .* active appointment \({active.number}\); expected one"
        ):
            desk.maintenance.erase(ME, by=SYSTEM)
    assert rows_of(store) == before
    desk.clock.move_to(until)
    assert desk.maintenance.erase(ME, by=SYSTEM)


def test_an_appointment_is_active_however_many_later_ones_there_are(desk):
    """The cancelled ones start later: the person's latest appointments alone would hide the active one."""
    book(desk, "active")
    for place in range(1_001 if type(desk.store).__name__ == "MemoryStore" else 20):
        later = book(desk, f"booked-{place}", at=slot(73, "transfer"))
        desk.cancel(later.appointment.number, by=ME, request_id=f"cancelled-{place}")
    with pytest.raises(InvalidInput, match="an active appointment"):
        desk.maintenance.erase(ME, by=SYSTEM)


def test_a_cancelled_appointment_keeps_nobody(desk):
    number = book(desk, "booked").appointment.number
    desk.cancel(number, by=ME, request_id="cancelled")
    assert desk.maintenance.erase(ME, by=SYSTEM)
    assert desk.audit.verify().broken == ()


@pytest.mark.parametrize("by", [ME, YOU, None], ids=["the person", "another", "nobody"])
def test_only_staff_and_the_library_may_erase(desk, store, by):
    over(desk)
    before = rows_of(store)
    with pytest.raises(InvalidInput, match=r"^actor: got \w+; expected a Clerk or System$"):
        desk.maintenance.erase(ME, by=by)
    assert rows_of(store) == before


def test_an_id_as_text_is_refused_and_not_shown(desk):
    with pytest.raises(InvalidInput, match=r"^applicant: got str; expected a NationalId or ResidentId$"):
        desk.maintenance.erase(ME.reveal(), by=SYSTEM)


def test_a_person_who_acted_for_others_may_be_erased(desk, store):
    acting = Delegate(person=ME, applicant=YOU, services=["renewal"], until=START + timedelta(days=9))
    booked = book(desk, "for-you", applicant=YOU, by=acting).appointment
    assert desk.maintenance.erase(ME, by=SYSTEM)
    assert ME.reveal() not in str(rows_of(store))
    assert desk.appointment(booked.number, by=acting) == booked
    assert desk.audit.verify().broken == ()
    assert desk.audit.replay().differences == ()


def test_many_assertions_go_in_small_batches(desk, store, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for place in range(5):
        book(desk, f"refused-{place}", at=NO_SLOT, assertions=VOUCHED)
    assert desk.maintenance.erase(ME, by=SYSTEM)
    assert rows_of(store)["assertions"] == {}
    done = [entry.what for entry in desk.feed().entries if isinstance(entry.what, UpkeepDone)]
    assert [(each.what, each.count) for each in done] == [("erasure", 2), ("erasure", 2), ("erasure", 1)]


@pytest.mark.parametrize("fault", [StoreFault.FAILS_BEFORE, StoreFault.FAILS_AFTER])
@pytest.mark.parametrize("call", range(1, 6))
def test_an_erasure_that_is_stopped_is_taken_up_by_the_next(desk, store, monkeypatch, fault, call):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    over(desk)
    faulty = desk_over(FaultyStore(store, faults_at({call: fault})), clock=desk.clock)
    with pytest.raises(StoreUnavailable):
        faulty.maintenance.erase(ME, by=SYSTEM)
    desk.maintenance.erase(ME, by=SYSTEM)
    rows = rows_of(store)
    assert [rows[name] for name in OF_A_PERSON] == [{}] * len(OF_A_PERSON)
    assert desk.audit.verify().broken == ()


def test_a_request_of_somebody_who_is_just_erased_is_that_of_a_new_person(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: desk.maintenance.erase(ME, by=SYSTEM), meets=puts_in(APPOINTMENTS.name))
    booked = book(desk_over(between, clock=desk.clock), "under-way", at=LATER).appointment
    assert between.was_met
    assert booked.applicant.subject != old
    assert desk.person_of(booked.applicant.subject, by=SYSTEM) == ME
    assert desk.audit.verify().broken == ()


def test_a_refusal_of_somebody_who_is_just_erased_leaves_nothing_vouched(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: desk.maintenance.erase(ME, by=SYSTEM), meets=puts_in("assertions"))
    book(desk_over(between, clock=desk.clock), "under-way", at=NO_SLOT, assertions=VOUCHED)
    assert between.was_met
    assert old not in {row[2] for row in rows_of(store)["assertions"].values()}


def test_somebody_who_books_while_they_are_erased_is_not_erased(desk, store):
    over(desk)
    made = []
    between = Interposed(
        store, lambda: made.append(book(desk, "booked-now", at=LATER).appointment), meets=deletes_in(PERSONS.name)
    )
    with pytest.raises(InvalidInput, match="an active appointment"):
        desk_over(between, clock=desk.clock).maintenance.erase(ME, by=SYSTEM)
    assert list(desk.appointments(ME).upcoming) == made


def test_somebody_who_is_erased_and_comes_back_meanwhile_is_not_erased(desk, store):
    """The new record of the person has the key and the version of the one that was read."""
    over(desk)
    made = []

    def erase_and_book():
        assert desk.maintenance.erase(ME, by=SYSTEM)
        made.append(book(desk, "came-back", at=LATER).appointment)

    between = Interposed(store, erase_and_book, meets=deletes_in(PERSONS.name))
    with pytest.raises(InvalidInput, match="an active appointment"):
        desk_over(between, clock=desk.clock).maintenance.erase(ME, by=SYSTEM)
    assert list(desk.appointments(ME).upcoming) == made


def test_without_the_guard_of_a_person_the_booking_would_be_nobodys(desk, store):
    """The negative control of the test above."""
    over(desk)

    def unguarded(change):
        versions = {name: {key: row[1] for key, row in rows.items()} for name, rows in rows_of(store).items()}
        puts = tuple(each._replace(expected=versions[each.collection].get(each.key, 0)) for each in change.puts)
        return change._replace(puts=puts)

    between = Interposed(
        store, lambda: book(desk, "booked-now", at=LATER), meets=deletes_in(PERSONS.name), guards=unguarded
    )
    assert desk_over(between, clock=desk.clock).maintenance.erase(ME, by=SYSTEM)
    assert not desk.appointments(ME).upcoming


def test_a_password_that_is_set_meanwhile_is_that_of_a_new_person(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: desk.maintenance.erase(ME, by=SYSTEM), meets=puts_in(ACCOUNTS.name))
    Accounts(between, desk.clock.now).set_password_hash(ME, "a new hash")
    assert between.was_met
    assert old not in rows_of(store)["accounts"]
    assert Accounts(store, desk.clock.now).password_hash(ME) == "a new hash"


@pytest.mark.race
@pytest.mark.parametrize("turn", range(4))
def test_erasing_beside_bookings_and_another_erasure(store, turn):
    clock = MovableClock(START)
    desks = [desk_over(store, clock=clock) for _ in range(4)]
    person = made_up_person(1_000 + turn)
    book(desks[0], "old", applicant=person)
    clock.move_to(AT.starts_at + 20 * MINUTE)

    def erase(desk):
        try:
            return desk.maintenance.erase(person, by=SYSTEM)
        except InvalidInput:
            return None

    erased = [lambda desk=desk: erase(desk) for desk in desks[:2]]
    booked = [
        lambda place=place, kind=kind: book(
            desks[2 + place], f"new-{place}", applicant=person, at=slot(49 + place, kind)
        )
        for place, kind in enumerate(("renewal", "transfer"))
    ]
    outcomes = at_once([*erased, *booked])
    assert all(isinstance(each, Booked) for each in outcomes[2:])
    assert outcomes[:2].count(True) <= 2
    upcoming = desks[0].appointments(person).upcoming
    assert {each.number for each in upcoming} == {each.appointment.number for each in outcomes[2:]}
    assert desks[0].audit.verify().broken == ()
    assert len(rows_of(store)["persons"]) == 1
