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
    erase,
    log_of,
    opened,
    puts_in,
    rows_of,
    seats_of,
)
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    AppointmentCancelled,
    AppointmentNotFound,
    Assertions,
    Booked,
    Delegate,
    Erasure,
    InvalidInput,
    NotFound,
    PersonErased,
    RequestMismatch,
    StoreUnavailable,
    System,
    UpkeepDone,
)
from traffic_booking.domain.decisions.changes import SignInChange
from traffic_booking.domain.people.attempts import Failures, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync import upkeep
from traffic_booking.persistence.accounts import Accounts
from traffic_booking.persistence.schema import ACCOUNTS, APPOINTMENTS, ERASURES, PERSONS
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
    erasure = erase(desk, ME, by=CLERK, request_id="request-1")
    assert erasure
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
    entry = PersonErased(
        subject=booked.applicant.subject,
        at=desk.clock.now(),
        actor=CLERK,
        reason="form 17",
        request_id=RequestId("request-1"),
    )
    assert erasure == Erasure(erased=entry, overwritten=type(store).__name__ != "PostgresStore")
    assert desk.feed().entries[-1].what == entry
    assert erasure.message("en") == "The person is erased."
    assert desk.audit.verify().broken == ()
    assert [why.request_id for why in desk.explain(booked.number, by=CLERK)] == ["booked"]


def test_reads_show_the_person_as_erased(desk):
    booked = over(desk)
    erase(desk, ME)
    assert desk.appointment(booked.number, by=CLERK) == booked
    assert "مُحيت بياناته" in str(desk.ticket(booked.number, by=CLERK, language="ar"))
    assert "erased" in str(desk.ticket(booked.number, by=CLERK, language="en"))
    with pytest.raises(NotFound, match="erased, or never registered"):
        desk.person_of(booked.applicant.subject, by=SYSTEM)


def test_the_same_id_is_later_a_new_person(desk):
    booked = over(desk)
    erase(desk, ME)
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


def test_a_second_erasure_says_that_nobody_has_the_id(desk, store):
    over(desk)
    assert erase(desk, ME).erased.subject
    before = rows_of(store)
    for person in (ME, YOU):
        again = erase(desk, person)
        assert again
        assert again.erased.subject is None
        assert again.message("en") == "Nobody with this id is registered: never, or erased already."
        assert "محيت" in again.message("ar").replace("\u064f", "")
        assert desk.feed().entries[-1].what == again.erased
    after = rows_of(store)
    assert len(after.pop("erasures")) == len(before.pop("erasures")) + 2
    assert after == before


def test_the_same_request_gets_the_same_answer_and_removes_nothing_more(desk, store):
    booked = book(desk, "booked").appointment
    first = erase(desk, ME, request_id="e")
    assert first.erased.cancelled == (booked.number,)
    before = rows_of(store), log_of(store)
    desk.clock.move_to(desk.clock.now() + MINUTE)
    assert erase(desk, ME, request_id="e") == first
    assert (rows_of(store), log_of(store)) == before


@pytest.mark.parametrize("other", [{"reason": "another"}, {"by": CLERK}], ids=["reason", "clerk"])
def test_a_request_id_that_was_used_for_another_erasure_is_a_mismatch(desk, store, other):
    erase(desk, ME, request_id="e")
    before = rows_of(store)
    with pytest.raises(RequestMismatch):
        erase(desk, ME, request_id="e", **other)
    assert rows_of(store) == before


def test_a_person_who_came_back_is_not_erased_by_the_earlier_request(desk):
    over(desk)
    erase(desk, ME, request_id="e")
    book(desk, "again", at=LATER)
    with pytest.raises(RequestMismatch):
        erase(desk, ME, request_id="e")
    assert len(desk.appointments(ME).upcoming) == 1


def test_a_request_id_of_a_booking_is_not_that_of_an_erasure(desk):
    book(desk, "booked")
    with pytest.raises(RequestMismatch):
        erase(desk, ME, request_id="booked")
    assert len(desk.appointments(ME).upcoming) == 1


@pytest.mark.parametrize("of", ["{}", "id {} of the form", "{}-17"], ids=["alone", "inside", "before"])
@pytest.mark.parametrize("digits", ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"], ids=["ascii", "arabic", "persian"])
def test_neither_the_reason_nor_the_request_names_the_person(desk, store, digits, of):
    typed = of.format(ME.reveal().translate(str.maketrans("0123456789", digits)))
    before = rows_of(store)
    with pytest.raises(InvalidInput, match=r"^reason: got text with the id of the person; expected"):
        erase(desk, ME, reason=typed)
    with pytest.raises(InvalidInput, match=r"^request id: got text with the id of the person; expected"):
        erase(desk, ME, request_id=typed.replace(" ", "_"))
    assert rows_of(store) == before


def test_the_reason_has_no_user_name_of_the_person(desk):
    over(desk)
    for reason in ("sara.q7 asked", "asked by (Sara.Q7)"):
        with pytest.raises(InvalidInput, match=r"^reason: got text with the person's user name"):
            erase(desk, ME, reason=reason)
    assert erase(desk, ME, reason="xsara.q7x")


@pytest.mark.parametrize("verb", ["book", "cancel"])
def test_no_request_id_names_a_person_of_the_request(desk, store, verb):
    number = book(desk, "booked").appointment.number
    before = rows_of(store)
    for text in (ME.reveal(), f"r-{ME.reveal()}-1", ME.reveal().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))):
        with pytest.raises(InvalidInput, match=r"^request id: got text with the id of a person"):
            book(desk, text, at=LATER) if verb == "book" else desk.cancel(number, by=ME, request_id=text)
    assert rows_of(store) == before


def test_others_are_left_as_they_are(desk, store):
    book(desk, "yours", applicant=YOU, assertions=VOUCHED)
    Accounts(store, desk.clock.now).set_password_hash(YOU, "another hash")
    yours = rows_of(store)
    over(desk)
    erase(desk, ME)
    left = rows_of(store)
    for name in ("persons", "accounts", "assertions", "people", "appointments", "answers"):
        assert yours[name].items() <= left[name].items()


@pytest.mark.parametrize("state", ["booked", "held"])
def test_active_appointments_are_cancelled_first(desk, store, state):
    if state == "held":
        active = desk.hold(AT, applicant=ME, request_id="held").appointment
    else:
        active = book(desk, "booked").appointment
    other = book(desk, "other", at=slot(73, "transfer")).appointment
    erasure = erase(desk, ME, by=CLERK)
    assert erasure.erased.cancelled == tuple(sorted((active.number, other.number)))
    assert erasure.erased.subject == active.applicant.subject
    assert all(
        number in erasure.message("en") and number in erasure.message("ar") for number in erasure.erased.cancelled
    )
    for number in erasure.erased.cancelled:
        event = desk.audit.history(number, by=CLERK)[-1]
        assert isinstance(event, AppointmentCancelled)
        assert event.actor == CLERK
        (*_, why) = desk.explain(number, by=CLERK)
        assert why.request_id == event.request_id
        assert why.granted if hasattr(why, "granted") else why
    assert set(seats_of(store).values()) <= {0}
    assert rows_of(store)["persons"] == {}
    assert desk.audit.verify().broken == ()


def test_a_person_who_is_checked_in_is_erased_once_that_is_over(desk, store):
    here, later = book(desk, "booked").appointment, book(desk, "later", at=slot(73, "transfer")).appointment
    desk.clock.move_to(here.starts_at)
    desk.gate.check_in(here.number, by=CLERK, request_id="came")
    before = rows_of(store), log_of(store)
    for moment in (desk.clock.now(), here.slot_ends_at - timedelta(microseconds=1)):
        desk.clock.move_to(moment)
        erasure = erase(desk, ME, request_id="e")
        assert not erasure
        assert (erasure.erased, erasure.active) == (None, (here.number,))
        assert [each.rule_id for each in erasure.refused] == ["CN-02"]
        text = erasure.message("en")
        assert text.startswith(f"Nothing is erased. These can't be cancelled now: {here.number}.")
        assert erasure.refused[0].message("en") in text
    assert (rows_of(store), log_of(store)) == before
    desk.clock.move_to(here.slot_ends_at)
    assert erase(desk, ME, request_id="e").erased.cancelled == (later.number,)


def test_past_the_cut_off_nobody_is_erased_before_the_slot_is_over(desk, store):
    active = book(desk, "booked").appointment
    until = desk.may_cancel(active.number, by=CLERK).until
    desk.clock.move_to(until)
    before = rows_of(store), log_of(store)
    erasure = erase(desk, ME, by=CLERK)
    assert (erasure.erased, erasure.active) == (None, (active.number,))
    assert [each.rule_id for each in erasure.refused] == ["CN-03"]
    assert (rows_of(store), log_of(store)) == before
    desk.clock.move_to(active.slot_ends_at)
    assert erase(desk, ME, by=CLERK)


@pytest.mark.long
def test_an_appointment_is_active_however_many_later_ones_there_are(desk):
    """The cancelled ones start later: the person's latest appointments alone would hide the active one."""
    number = book(desk, "active").appointment.number
    for place in range(1_001 if type(desk.store).__name__ == "MemoryStore" else 20):
        later = book(desk, f"booked-{place}", at=slot(73, "transfer"))
        desk.cancel(later.appointment.number, by=ME, request_id=f"cancelled-{place}")
    assert erase(desk, ME).erased.cancelled == (number,)


def test_a_cancelled_appointment_keeps_nobody(desk):
    number = book(desk, "booked").appointment.number
    desk.cancel(number, by=ME, request_id="cancelled")
    assert erase(desk, ME)
    assert desk.audit.verify().broken == ()


@pytest.mark.parametrize("by", [ME, YOU, None], ids=["the person", "another", "nobody"])
def test_only_staff_and_the_library_may_erase(desk, store, by):
    over(desk)
    before = rows_of(store)
    with pytest.raises(InvalidInput, match=r"^actor: got \w+; expected a Clerk or System$"):
        erase(desk, ME, by=by)
    assert rows_of(store) == before


def test_an_id_as_text_is_refused_and_not_shown(desk):
    with pytest.raises(InvalidInput, match=r"^applicant: got str; expected a NationalId or ResidentId$"):
        erase(desk, ME.reveal())


def test_a_person_who_acted_for_others_may_be_erased(desk, store):
    acting = Delegate(person=ME, applicant=YOU, services=["renewal"], until=START + timedelta(days=9))
    booked = book(desk, "for-you", applicant=YOU, by=acting).appointment
    assert erase(desk, ME)
    assert ME.reveal() not in str(rows_of(store))
    assert desk.appointment(booked.number, by=acting) == booked
    assert desk.audit.verify().broken == ()


def test_many_assertions_go_in_small_batches(desk, store, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for place in range(5):
        book(desk, f"refused-{place}", at=NO_SLOT, assertions=VOUCHED)
    assert erase(desk, ME)
    assert rows_of(store)["assertions"] == {}
    done = [entry.what for entry in desk.feed().entries if isinstance(entry.what, UpkeepDone)]
    assert [(each.what, each.count) for each in done] == [("erasure", 2), ("erasure", 2)]
    assert isinstance(desk.feed().entries[-1].what, PersonErased)


@pytest.mark.parametrize("fault", [StoreFault.FAILS_BEFORE, StoreFault.FAILS_AFTER])
@pytest.mark.parametrize("call", range(1, 6))
def test_an_erasure_that_is_stopped_is_taken_up_by_the_next(desk, store, monkeypatch, fault, call):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    over(desk)
    faulty = desk_over(FaultyStore(store, faults_at({call: fault})), clock=desk.clock)
    with pytest.raises(StoreUnavailable):
        erase(faulty, ME)
    erase(desk, ME)
    rows = rows_of(store)
    assert [rows[name] for name in OF_A_PERSON] == [{}] * len(OF_A_PERSON)
    assert desk.audit.verify().broken == ()


def test_a_request_of_somebody_who_is_just_erased_is_that_of_a_new_person(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: erase(desk, ME), meets=puts_in(APPOINTMENTS.name))
    booked = book(desk_over(between, clock=desk.clock), "under-way", at=LATER).appointment
    assert between.was_met
    assert booked.applicant.subject != old
    assert desk.person_of(booked.applicant.subject, by=SYSTEM) == ME
    assert desk.audit.verify().broken == ()


def test_a_refusal_of_somebody_who_is_just_erased_leaves_nothing_vouched(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: erase(desk, ME), meets=puts_in("assertions"))
    book(desk_over(between, clock=desk.clock), "under-way", at=NO_SLOT, assertions=VOUCHED)
    assert between.was_met
    assert old not in {row[2] for row in rows_of(store)["assertions"].values()}


def test_what_somebody_books_while_they_are_erased_is_cancelled_too(desk, store):
    over(desk)
    made = []
    between = Interposed(
        store, lambda: made.append(book(desk, "booked-now", at=LATER).appointment), meets=deletes_in(PERSONS.name)
    )
    erasure = erase(desk_over(between, clock=desk.clock), ME)
    assert erasure.erased.cancelled == (made[0].number,)
    assert rows_of(store)["persons"] == {}
    assert desk.audit.verify().broken == ()


def test_somebody_who_is_erased_and_comes_back_meanwhile_is_erased_again(desk, store):
    """The new record of the person has the key and the version of the one that was read."""
    over(desk)
    made = []

    def erase_and_book():
        assert erase(desk, ME)
        made.append(book(desk, "came-back", at=LATER).appointment)

    between = Interposed(store, erase_and_book, meets=deletes_in(PERSONS.name))
    erasure = erase(desk_over(between, clock=desk.clock), ME)
    assert erasure.erased.cancelled == (made[0].number,)
    assert erasure.erased.subject == made[0].applicant.subject
    assert desk.audit.verify().broken == ()


def test_two_erasures_with_one_request_id_at_once_have_one_answer(desk, store):
    over(desk)
    made = []
    between = Interposed(store, lambda: made.append(erase(desk, ME, request_id="e")), meets=puts_in(ERASURES.name))
    assert [erase(desk_over(between, clock=desk.clock), ME, request_id="e")] == made
    assert len(rows_of(store)["erasures"]) == 1


def test_somebody_who_is_checked_in_while_they_are_erased_is_not_erased(desk, store):
    active = book(desk, "booked").appointment
    desk.clock.move_to(active.starts_at - timedelta(minutes=5))

    def check_in():
        desk.gate.check_in(active.number, by=CLERK, request_id="came")

    between = Interposed(store, check_in, meets=puts_in(APPOINTMENTS.name))
    erasure = erase(desk_over(between, clock=desk.clock), ME)
    assert (erasure.erased, erasure.active) == (None, (active.number,))
    assert len(rows_of(store)["persons"]) == 1


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
    assert erase(desk_over(between, clock=desk.clock), ME)
    assert not desk.appointments(ME).upcoming


def test_a_password_that_is_set_meanwhile_is_that_of_a_new_person(desk, store):
    old = over(desk).applicant.subject
    between = Interposed(store, lambda: erase(desk, ME), meets=puts_in(ACCOUNTS.name))
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

    erased = [lambda desk=desk: erase(desk, person) for desk in desks[:2]]
    booked = [
        lambda place=place, kind=kind: book(
            desks[2 + place], f"new-{place}", applicant=person, at=slot(49 + place, kind)
        )
        for place, kind in enumerate(("renewal", "transfer"))
    ]
    outcomes = at_once([*erased, *booked])
    assert all(isinstance(each, Booked) for each in outcomes[2:])
    assert all(outcomes[:2])
    upcoming = {each.number for each in desks[0].appointments(person).upcoming}
    cancelled = {number for each in outcomes[:2] for number in each.erased.cancelled}
    assert upcoming | cancelled == {each.appointment.number for each in outcomes[2:]}
    assert not upcoming & cancelled
    assert desks[0].audit.verify().broken == ()
    assert len(rows_of(store)["persons"]) == bool(upcoming)
