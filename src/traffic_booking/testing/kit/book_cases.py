"""Desks, lists of appointments, accounts and histories over the library's own collections."""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Final

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard, SignInChange
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, Refused
from traffic_booking.domain.people.attempts import DeviceAttempts, Failures, ResetCode, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession, Session
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.store import Store
from traffic_booking.testing.histories.check import check_history, explain_finding
from traffic_booking.testing.histories.linearizability import Linearizable
from traffic_booking.testing.histories.workload import HistoryWorkload, record_history
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.suite import case
from traffic_booking.testing.samples.appointments import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    START,
    TICK,
    booked,
    id_of,
    number,
    registering,
    slot,
)
from traffic_booking.testing.samples.desk import sample_desk, sample_slots
from traffic_booking.testing.samples.people import MovableClock, made_up_person

HISTORIES: Final = 6
OPERATIONS: Final = 100
CLIENTS: Final = 8
PEOPLE: Final = 6
DESKS: Final = 4


class HistoryCases(StoreCases):
    """Histories one after another, each in a week and with people of its own; in the end the store is verified.

    In some of them the services share a pool of seats.

    The check of limits is left out, because a history shows these. It would assume that the clocks of desks differ by a
    minute at most; here the clock jumps by up to six while requests are under way, and an earlier request may be
    written later.
    """

    def test_results_of_callers_fit_into_one_order_and_all_of_them_are_stored(self, shipped: Store) -> None:
        for seed in range(HISTORIES):
            _meet(shipped, seed, START + timedelta(weeks=seed))
        audit = sample_desk(shipped, MovableClock(START + timedelta(weeks=HISTORIES))).audit.verify()
        broken = [each for each in audit.broken if each.invariant is not Invariant.LIMITS]
        assert broken == [], "\n".join(map(str, broken))


def _meet(store: Store, seed: int, start: datetime) -> None:
    """Run callers at several desks, and check their results."""
    clock, seats = MovableClock(start), 1 + seed % 2
    pool = "counters" if seed % 3 == 2 else None
    desks = [sample_desk(store, clock, capacity=seats, seed=DESKS * seed + place, pool=pool) for place in range(DESKS)]
    workload = HistoryWorkload(
        seed=seed,
        slots=sample_slots(desks[0], start + timedelta(hours=6)),
        operations=OPERATIONS,
        clients=CLIENTS,
        people=PEOPLE,
        first_person=PEOPLE * seed,
        check_ins=True,
    )
    history = record_history(desks[0], clock, workload, beside=desks[1:])
    finding = check_history(history, workload.slots, desks[0].rulebook)
    assert isinstance(finding, Linearizable), explain_finding(history, finding)
    assert [each for each in history.operations if each.result is None] == []
    clock.move_to(start + timedelta(days=1))
    desks[0].maintenance.expire_holds(limit=1_000)  # those that are left would be swept in the next history


MANY = 230
SEATED = {AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN, AppointmentState.SERVED}


class BookCases(StoreCases):
    """Bookings and lists."""

    def test_a_seat_is_booked_once_at_any_desk_until_it_is_given_back(self, shipped: Store) -> None:
        one, other = (sample_desk(shipped, MovableClock(START), seed=seed) for seed in range(2))
        (wanted, *_), (me, you) = sample_slots(one, START + timedelta(hours=6)), map(made_up_person, (1, 2))
        mine = one.book(wanted, applicant=me, agreed=True, request_id="mine")
        assert isinstance(mine, Booked)
        assert other.book(wanted, applicant=me, agreed=True, request_id="mine") == mine
        refused = other.book(wanted, applicant=you, agreed=True, request_id="yours")
        assert isinstance(refused, Refused)
        assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-05"]
        assert [desk.appointments(me).upcoming for desk in (one, other)] == [(mine.appointment,)] * 2
        assert isinstance(other.cancel(mine.appointment.number, by=me, request_id="back"), Cancelled)
        assert isinstance(one.book(wanted, applicant=you, agreed=True, request_id="again"), Booked)
        assert one.audit.verify()

    def test_lists_of_a_person_are_cut_by_their_limit_and_by_nothing_else(self, book: AppointmentBook) -> None:
        """More than two hundred, in every state, the latest first."""
        each = zip((booked(n, ME, slot(n))[0] for n in range(MANY)), cycle(AppointmentState), strict=False)
        stored = [copy_with(appointment, state=state) for appointment, state in each]
        assert set(book.commit([registering(ME), *(Change(appointments=(one,)) for one in stored)])) == {Committed()}
        for limit in (0, 1, 10, 101, 201, 10_000):
            assert book.appointments_of(id_of(ME), limit=limit) == stored[::-1][:limit]
        at_branch = book.appointments_at(slot().branch, from_=LONG_AGO, until=FAR_AHEAD)
        assert at_branch == [one for one in stored if one.state in SEATED]
        audited = book.stored_appointments(after=None, limit=10_000)
        assert [one.number for one in audited] == sorted(number(serial) for serial in range(MANY))


class AccountCases(StoreCases):
    """The embedded sign-in, for a store that promises accounts."""

    @pytest.fixture
    def accounts(self, shipped: Store) -> SignIns:
        """The accounts of a store that has none."""
        return SignIns(shipped, lambda: START)

    @case(needs=[Capability.ACCOUNTS])
    def test_a_hash_is_replaced_only_if_it_is_the_one_seen(self, accounts: SignIns) -> None:
        me, you = made_up_person(1), made_up_person(2)
        assert accounts.password_hash(me) is None
        assert not accounts.replace_password_hash(me, seen="another", encoded="x")
        assert accounts.replace_password_hash(me, seen=None, encoded="first")
        assert not accounts.replace_password_hash(me, seen="FIRST", encoded="x")
        assert accounts.replace_password_hash(me, seen="first", encoded="second")
        accounts.set_password_hash(you, "third")
        assert [accounts.password_hash(each) for each in (me, you)] == ["second", "third"]

    @case(needs=[Capability.ACCOUNTS])
    def test_a_code_is_used_once_and_reported_before_a_stale_count(self, accounts: SignIns) -> None:
        me = made_up_person(1)
        tried = ResetCode(hashed="a hash", issued_at=START, tries=2)
        device = DeviceAttempts(failures=Failures(3, START + TICK), reset=tried, proven_at=START)
        locked = SignInAttempts(account=me, version=1, strangers=Failures(1, START), devices={"a device": device})
        attempt = SignInChange(once=("code",), attempts=locked)
        stale = copy_with(attempt, once=("another code",))
        results = [Committed(), Conflict(guard=Guard.ONCE), Conflict(guard=Guard.ATTEMPTS)]
        assert list(accounts.commit([attempt, attempt, stale])) == results
        assert accounts.attempts(me) == locked
        assert [accounts.is_spent(key) for key in ("code", "CODE", "another code")] == [True, False, False]

    @case(needs=[Capability.ACCOUNTS])
    def test_a_user_name_has_one_person(self, accounts: SignIns) -> None:
        me, you, name = made_up_person(1), made_up_person(2), UserName("سارة.٧")
        assert accounts.person_named(name) is None
        assert accounts.set_user_name(me, name)
        assert not accounts.set_user_name(you, name)
        assert accounts.set_user_name(me, name)
        assert accounts.person_named(name) == me
        assert accounts.set_user_name(me, UserName("another"))
        assert accounts.set_user_name(you, name)
        assert [accounts.person_named(UserName(each)) for each in ("سارة.٧", "another")] == [you, me]

    @case(needs=[Capability.ACCOUNTS])
    def test_a_session_is_found_by_its_token_and_changed_once(self, accounts: SignIns) -> None:
        me = made_up_person(1)
        session = Session(applicant=me, started_at=START, ends_at=START + TICK, token="a token")  # noqa: S106 - it opens nothing
        issued = IssuedSession(session=session, device="a device", generation=0)
        later = copy_with(issued, session=copy_with(session, ends_at=FAR_AHEAD), version=2)
        results = [Committed(), Conflict(guard=Guard.SESSION), Committed()]
        assert list(accounts.commit([SignInChange(session=each) for each in (issued, issued, later)])) == results
        assert accounts.issued("A token") is None
        found = accounts.issued("a token")
        assert found == later
        assert found.session.token == session.token
        assert [accounts.facts(me, each).known for each in ("a device", "A device")] == [True, False]
        accounts.end_sessions(me)
        assert accounts.issued("a token") == copy_with(later, ended=True)
        assert not accounts.facts(me, "a device").known
