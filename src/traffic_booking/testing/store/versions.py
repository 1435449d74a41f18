"""Versions are exact: a writer who has read an older state writes nothing."""

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, StandingGuard
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    ME,
    YOU,
    booked,
    booking,
    cancelling,
    confirming,
    expiring,
    held,
    number,
    seats_taken,
    slot,
    standing_of,
    stored,
)
from traffic_booking.testing.store.base import StoreCases


class VersionCases(StoreCases):
    """Of standings, appointments and sign-in attempts."""

    @pytest.mark.parametrize("expected", [0, 2])
    def test_a_standing_that_has_moved_on_conflicts(self, store: Store, expected: int) -> None:
        store.commit([Change(standing=StandingGuard(ME, 0))])
        assert list(store.commit([Change(standing=StandingGuard(ME, expected))])) == [Conflict(guard=Guard.STANDING)]
        assert list(store.commit([Change(standing=StandingGuard(ME, 1))])) == [Committed()]
        assert standing_of(store).version == 2

    def test_standings_of_different_people_are_independent(self, store: Store) -> None:
        guards = [Change(standing=StandingGuard(person, 0)) for person in (ME, YOU)]
        assert list(store.commit(guards)) == [Committed(), Committed()]

    def test_a_new_appointment_under_a_number_in_use_conflicts(self, store: Store) -> None:
        store.commit([booking(1)])
        appointment, event = booked(1, YOU, slot(2))
        change = Change(appointments=(appointment,), events=(event,))
        assert list(store.commit([change])) == [Conflict(guard=Guard.APPOINTMENT)]
        assert stored(store, 1).applicant == ME

    @pytest.mark.parametrize("version", [1, 3])
    def test_an_appointment_must_follow_the_stored_version(self, store: Store, version: int) -> None:
        store.commit([booking(1)])
        appointment = copy_with(stored(store, 1), version=version, rulebook="another")
        assert list(store.commit([Change(appointments=(appointment,))])) == [Conflict(guard=Guard.APPOINTMENT)]
        assert stored(store, 1).rulebook == "test-1"

    def test_a_first_version_must_be_one(self, store: Store) -> None:
        change = Change(appointments=(copy_with(booked(1)[0], version=2),))
        assert list(store.commit([change])) == [Conflict(guard=Guard.APPOINTMENT)]
        assert store.appointment(number(1)) is None

    def test_of_two_cancellations_one_wins_and_gives_back_one_seat(self, store: Store) -> None:
        store.commit([booking(1, capacity=2), booking(2, YOU, capacity=2)])
        cancel = cancelling(stored(store, 1), standing=1)
        again = copy_with(cancel, standing=None)
        assert list(store.commit([cancel, again])) == [Committed(), Conflict(guard=Guard.APPOINTMENT)]
        assert seats_taken(store) == 1
        assert [event.version for event in store.history(number(1))] == [1, 2]

    def test_of_a_confirmation_and_an_expiry_one_wins(self, store: Store) -> None:
        store.commit([held(1), held(2, YOU)])
        for serial, person in ((1, ME), (2, YOU)):
            hold = stored(store, serial)
            rivals = [confirming(hold, standing=0), expiring(hold)]
            rivals = rivals if person is ME else rivals[::-1]
            assert list(store.commit(rivals)) == [Committed(), Conflict(guard=Guard.APPOINTMENT)]
        assert [stored(store, serial).state for serial in (1, 2)] == [AppointmentState.BOOKED, AppointmentState.EXPIRED]
        assert seats_taken(store) == 1
        assert standing_of(store, YOU).version == 0

    @pytest.mark.parametrize("version", [1, 3])
    def test_sign_in_attempts_must_follow_the_stored_version(self, store: Store, version: int) -> None:
        store.commit([Change(attempts=SignInAttempts(applicant=ME, version=1, failures=1))])
        stale = Change(attempts=SignInAttempts(applicant=ME, version=version, failures=9))
        assert list(store.commit([stale])) == [Conflict(guard=Guard.ATTEMPTS)]
        assert store.sign_in_attempts(ME).failures == 1
