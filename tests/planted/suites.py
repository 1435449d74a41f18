"""The kit over every planted store; run by `test_planted_stores.py`, for each of these has to fail.

`caught_by` names the cases that catch the fault on every run, the plainest first.
"""

from functools import partial
from typing import Any, ClassVar

import pytest

from tests.conformance.test_stores import failing
from tests.planted import file_stores as on_file
from tests.planted import memory_stores as in_memory
from tests.planted.file_stores import FileStore
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.store.durability import sample_store


class InMemory(StoreConformance):
    """A planted store that takes no arguments."""

    contract_level = 1
    promises = frozenset({Capability.BATCH})
    planted: ClassVar[Any]
    caught_by: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def open_store(self):
        return self.planted


class OnFile(StoreConformance):
    """A planted store in a file of its own."""

    contract_level = 1
    promises = frozenset({Capability.BATCH, Capability.DURABLE})
    planted: ClassVar[Any]
    caught_by: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(self.planted, tmp_path / "bookings")


def _suite(planted, *caught_by, base=InMemory, **parts):
    return type(f"Test{planted.__name__}", (base,), {"planted": planted, "caught_by": caught_by, "__module__": __name__, **parts})
