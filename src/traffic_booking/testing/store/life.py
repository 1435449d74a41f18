"""A store ends with close()."""

from collections.abc import Callable
from typing import Any

import pytest

from traffic_booking.domain.changes import Change
from traffic_booking.domain.errors import StoreClosed
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import ME, START, around, facts_of, number, slot
from traffic_booking.testing.store.base import StoreCases

USES: dict[str, Callable[[Store], Any]] = {
    "facts": facts_of,
    "taken": lambda store: store.taken([around(slot())], lapsed_by=START),
    "lapsed": lambda store: store.lapsed(by=START),
    "commit": lambda store: store.commit([Change()]),
    "appointment": lambda store: store.appointment(number(1)),
    "appointments_of": lambda store: store.appointments_of(ME, limit=1),
    "appointments_at": lambda store: store.appointments_at(slot().branch, from_=START, until=START),
    "calendar_entries": lambda store: store.calendar_entries(after=0),
    "history": lambda store: store.history(number(1)),
    "password_hash": lambda store: store.password_hash(ME),
    "set_password_hash": lambda store: store.set_password_hash(ME, "x"),
    "replace_password_hash": lambda store: store.replace_password_hash(ME, seen=None, encoded="x"),
    "is_spent": lambda store: store.is_spent("code"),
    "sign_in_attempts": lambda store: store.sign_in_attempts(ME),
}


class LifeCases(StoreCases):
    """After close()."""

    @pytest.mark.parametrize("use", USES)
    def test_a_closed_store_says_so(self, store: Store, use: str) -> None:
        store.close()
        with pytest.raises(StoreClosed, match="closed"):
            USES[use](store)

    def test_closing_twice_is_fine(self, store: Store) -> None:
        store.close()
        store.close()
