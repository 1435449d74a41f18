"""A store ends with close(), and a durable one goes on from its file."""

import pytest

from tests.bookings import FAR_AHEAD, ME, around, booking, facts_of, held, number, slot, standing_of
from tests.small_town import START
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.changes import Change, Conflict, Guard
from traffic_booking.domain.errors import StoreClosed
from traffic_booking.domain.sign_in import SignInAttempts

USES = {
    "facts": facts_of,
    "taken": lambda store: store.taken([around(slot())], lapsed_by=START),
    "lapsed": lambda store: store.lapsed(by=START),
    "commit": lambda store: store.commit([Change()]),
    "appointment": lambda store: store.appointment(number(1)),
    "appointments_of": lambda store: store.appointments_of(ME, limit=1),
    "history": lambda store: store.history(number(1)),
    "password_hash": lambda store: store.password_hash(ME),
    "set_password_hash": lambda store: store.set_password_hash(ME, "x"),
    "replace_password_hash": lambda store: store.replace_password_hash(ME, seen=None, encoded="x"),
    "sign_in_attempts": lambda store: store.sign_in_attempts(ME),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_closed_store_says_so(store, use):
    store.close()
    with pytest.raises(StoreClosed, match="closed"):
        use(store)


def test_closing_twice_is_fine(store):
    store.close()
    store.close()


def test_everything_is_there_when_a_file_is_opened_again(tmp_path):
    path = tmp_path / "bookings.db"
    first = SqliteStore(path)
    change, attempts = booking(1), SignInAttempts(applicant=ME, version=1, failures=2, locked_until=START)
    first.commit([change, held(2, at=slot(2)), Change(once=("code",), attempts=attempts)])
    first.set_password_hash(ME, "hash")
    first.close()
    again = SqliteStore(path)
    assert facts_of(again, request_id="request-1").answer == change.answer
    assert standing_of(again).version == 1
    assert list(again.history(number(1))) == list(change.events)
    assert [one.number for one in again.lapsed(by=FAR_AHEAD)] == [number(2)]
    assert again.sign_in_attempts(ME) == attempts
    assert again.password_hash(ME) == "hash"
    assert again.commit([Change(once=("code",))]) == [Conflict(guard=Guard.ONCE)]
    again.close()


def test_two_stores_on_one_file_see_each_other_at_once(tmp_path):
    one, other = SqliteStore(tmp_path / "bookings.db"), SqliteStore(tmp_path / "bookings.db")
    one.commit([booking(1)])
    assert other.appointment(number(1)) == one.appointment(number(1))
    assert isinstance(other.commit([booking(2, standing=1)])[0], Conflict)
    one.close()
    assert other.appointment(number(1)) is not None
    other.close()
