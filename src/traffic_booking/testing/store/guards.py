"""A change is written whole while its guards hold, and not at all once one of them doesn't."""

from typing import Any

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange, StandingGuard
from traffic_booking.domain.facts import Standing
from traffic_booking.domain.outcomes import Booked
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    ME,
    YOU,
    answer,
    booked,
    booking,
    facts_of,
    number,
    seats_taken,
    slot,
    standing_of,
)
from traffic_booking.testing.store.base import StoreCases


class GuardCases(StoreCases):
    """All of a change, or nothing of it; guards in their order; keys that are used once."""

    def test_a_booking_is_written_whole(self, store: Store) -> None:
        change = booking(1)
        assert list(store.commit([change])) == [Committed()]
        facts = facts_of(store, request_id="request-1")
        assert facts.answer == change.answer
        assert facts.taken == {slot(): 1}
        assert standing_of(store) == Standing(ME, 1, change.appointments)
        assert store.appointment(number(1)) == change.appointments[0]
        assert list(store.history(number(1))) == list(change.events)

    def test_an_empty_change_is_committed(self, store: Store) -> None:
        assert list(store.commit([Change()])) == [Committed()]

    def test_no_changes_give_no_results(self, store: Store) -> None:
        assert list(store.commit([])) == []

    def test_guards_are_reported_in_their_documented_order(self, store: Store) -> None:
        """Every guard fails at first; as they are mended one by one, the next one is reported."""
        store.commit([booking(1), Change(once=("code",), attempts=SignInAttempts(applicant=ME, version=1))])
        appointment, _ = booked(1)
        change = Change(
            answer=answer("request-1", Booked(appointment)),
            once=("code",),
            calendar_revision=1,
            standing=StandingGuard(ME, 0),
            appointments=(appointment,),
            attempts=SignInAttempts(applicant=ME, version=1),
            seats=(SeatChange(slot(), 1, 1),),
        )
        mends: dict[Guard, dict[str, Any]] = {
            Guard.REQUEST: {"answer": answer("request-2", Booked(appointment))},
            Guard.ONCE: {"once": ("another-code",)},
            Guard.CALENDAR: {"calendar_revision": 0},
            Guard.STANDING: {"standing": StandingGuard(ME, 1)},
            Guard.APPOINTMENT: {"appointments": (copy_with(appointment, version=2),)},
            Guard.ATTEMPTS: {"attempts": SignInAttempts(applicant=ME, version=2)},
            Guard.SEATS: {"seats": (SeatChange(slot(), 1, 2),)},
        }
        reported = []
        for mend in mends.values():
            (result,) = store.commit([change])
            assert isinstance(result, Conflict)
            reported.append(result.guard)
            change = copy_with(change, **mend)
        assert reported == [guard for guard in Guard if guard in mends]
        assert list(store.commit([change])) == [Committed()]

    @pytest.mark.parametrize(
        "broken",
        [
            {"answer": answer("request-2", Booked(booked(1)[0]))},
            {"once": ("fresh", "code")},
            {"calendar_revision": 1},
            {"standing": StandingGuard(ME, 7)},
            {"appointments": (booked(1)[0], copy_with(booked(9)[0], version=2))},
            {"attempts": SignInAttempts(applicant=ME, version=2, failures=1)},
            {"seats": (SeatChange(slot(5), 1, 1), SeatChange(slot(), 1, 0))},
        ],
        ids=["request", "once", "calendar", "standing", "appointment", "attempts", "seats"],
    )
    def test_a_conflict_leaves_nothing_of_its_change_behind(self, store: Store, broken: dict[str, Any]) -> None:
        store.commit([booking(2, YOU, slot(2)), Change(once=("code",))])
        whole = copy_with(
            booking(1, at=slot(5)), once=("fresh",), attempts=SignInAttempts(applicant=ME, version=1, failures=1)
        )
        assert isinstance(store.commit([copy_with(whole, **broken)])[0], Conflict)
        assert facts_of(store, request_id="request-1").answer is None
        assert standing_of(store) == Standing(ME)
        assert (seats_taken(store, slot(5)), seats_taken(store, slot())) == (0, 0)
        assert store.appointment(number(1)) is None
        assert list(store.history(number(1))) == []
        assert store.sign_in_attempts(ME).version == 0
        assert list(store.commit([whole])) == [Committed()]

    def test_a_once_key_is_spent_once(self, store: Store) -> None:
        assert list(store.commit([Change(once=("code-1",))])) == [Committed()]
        assert list(store.commit([Change(once=("code-2", "code-1"))])) == [Conflict(guard=Guard.ONCE)]
        assert list(store.commit([Change(once=("code-2",))])) == [Committed()]

    def test_a_once_key_twice_in_one_change_conflicts(self, store: Store) -> None:
        assert list(store.commit([Change(once=("code", "code"))])) == [Conflict(guard=Guard.ONCE)]
        assert list(store.commit([Change(once=("code",))])) == [Committed()]

    def test_once_keys_that_differ_in_case_or_length_are_different_keys(self, store: Store) -> None:
        keys = ["altcha:ab", "altcha:AB", "altcha:a", "altcha:ab ", "A" * 127, "A" * 128]
        assert list(store.commit([Change(once=(key,)) for key in keys])) == [Committed()] * len(keys)
        assert all(store.is_spent(key) for key in keys)
        assert not store.is_spent("altcha:aB")
