"""Numbers, subjects and salts that count up, and a store that always loses the race for a seat."""

import secrets
from collections.abc import Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.numbers import compose
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import Count, StoreChange


class CountedNumbering:
    """A `Numbering` that draws one serial after the other."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def draw(self, code):
        return next(number for serial in self._numbers if (number := compose(code, serial)) is not None)


@contextmanager
def counted_tokens():
    """Subjects and salts that count up, as long as random ones."""
    drawn = count(1)

    def token(_bytes):
        return f"subject-or-salt-{next(drawn):06d}"

    with patch.object(secrets, "token_urlsafe", token):
        yield


class Crowded:
    """A store in front of another: another caller has just taken the seat that a change needs, and gives it back."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def commit(self, changes: Sequence[StoreChange]) -> Any:
        wanted = [each.key for change in changes for each in change.counts if each.delta > 0]
        seats_taken, given_back = (
            StoreChange(counts=tuple(Count(SEATS.name, key, delta, 1) for key in wanted)) for delta in (1, -1)
        )
        self._store.commit([seats_taken])
        results = self._store.commit(changes)
        self._store.commit([given_back])
        return results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
