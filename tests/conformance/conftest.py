"""Every test of this folder that asks for `store` runs once on each shipped store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.ports.store import Store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    yield made
    made.close()
