"""What was acknowledged is there when the store is opened again: after close(), a kill, or a new release."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import PATIENCE_SECONDS
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    ME,
    START,
    TICK,
    YOU,
    booking,
    cancelling,
    facts_of,
    held,
    number,
    seats_taken,
    slot,
    standing_of,
    stored,
)
from traffic_booking.testing.store.base import StoreCases, StoreOpener, opened
from traffic_booking.testing.store.process_race import CONTEXT
from traffic_booking.testing.suite import case

ATTEMPTS = SignInAttempts(applicant=ME, version=1, failures=2, locked_until=START + timedelta(hours=1) + TICK)


def sample_store(store: Store) -> None:
    """Write a bit of everything; what an earlier release is asked to leave behind for `earlier_release`."""
    store.commit([booking(1), held(2, YOU, slot(2)), Change(once=("code",), attempts=ATTEMPTS)])
    store.commit([booking(3, YOU, slot(3))])
    store.commit([cancelling(stored(store, 3), standing=1)])
    store.set_password_hash(ME, "hash")


def check_sample(store: Store) -> None:
    """Everything that `sample_store` wrote is there, and the store goes on from it."""
    change = booking(1)
    assert facts_of(store, request_id="request-1").answer == change.answer
    assert stored(store, 1) == change.appointments[0]
    assert list(store.history(number(1))) == list(change.events)
    assert [event.version for event in store.history(number(3))] == [1, 2]
    assert (standing_of(store).version, standing_of(store, YOU).version) == (1, 2)
    assert [seats_taken(store, slot(hours)) for hours in (1, 2, 3)] == [1, 1, 0]
    assert [one.number for one in store.lapsed(by=FAR_AHEAD)] == [number(2)]
    assert store.sign_in_attempts(ME) == ATTEMPTS
    assert store.password_hash(ME) == "hash"
    assert list(store.commit([Change(once=("code",)), booking(4, YOU, standing=2), change])) == [
        Conflict(guard=Guard.ONCE),
        Conflict(guard=Guard.SEATS, slot=slot()),
        Conflict(guard=Guard.REQUEST, answer=change.answer),
    ]
    assert list(store.commit([booking(5, at=slot(5), standing=1)])) == [Committed()]


class DurabilityCases(StoreCases):
    """Opened again."""

    @case(needs=[Capability.DURABLE])
    def test_everything_is_there_when_a_store_is_opened_again(self, open_again: Callable[[], Store]) -> None:
        first = open_again()
        sample_store(first)
        first.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_what_a_killed_process_acknowledged_is_there(
        self, open_store: StoreOpener, open_again: Callable[[], Store]
    ) -> None:
        heard, told = CONTEXT.Pipe(duplex=False)
        writer = CONTEXT.Process(target=_write_and_wait, args=(open_store, self.is_awaited, told), daemon=True)
        writer.start()
        told.close()
        try:
            assert heard.poll(PATIENCE_SECONDS), "the writing process said nothing"
            assert heard.recv() == "acknowledged"
        finally:
            writer.kill()
            writer.join(PATIENCE_SECONDS)
            writer.close()
            heard.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE], means="earlier_release")
    def test_a_store_of_an_earlier_release_is_brought_up_to_date(
        self, earlier_release: Callable[[], None], open_again: Callable[[], Store]
    ) -> None:
        earlier_release()
        first = open_again()
        check_sample(first)
        first.close()
        assert stored(open_again(), 5).slot == slot(5)


def _write_and_wait(opener: StoreOpener, awaited: bool, told: Any) -> None:  # noqa: FBT001 - passed on as it came
    try:
        sample_store(opened(opener, awaited=awaited))
    except Exception as error:  # noqa: BLE001 - whatever it is, the case shows it
        told.send(f"{type(error).__name__}: {error}")
    else:
        told.send("acknowledged")
    Event().wait()  # until it is killed
