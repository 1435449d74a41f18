"""The kit over every planted store, `TestFault1` and so on; `tools/planted.py` and `test_planted.py` run them."""

from functools import partial
from typing import Any

import pytest

from tests.planted import means
from tests.planted.faults import NAMES, Fault
from tests.planted.meeting import meet
from tests.planted.opening import FAULTS, open_planted
from traffic_booking.testing import Capability, StoreConformance

FILE, MEMORY, POSTGRES, SQLITE = sorted(NAMES.values(), key=str.lower)
LACKS = {
    MEMORY: {Capability.CROSS_PROCESS, Capability.DURABLE},
    FILE: {Capability.CROSS_PROCESS},
    SQLITE: set(),
    POSTGRES: set(),
}


def suite_of(fault: Fault) -> type:
    """The kit over the store with that fault."""
    parts = {
        "contract_level": 1,
        "promises": frozenset(Capability) - {Capability.ASYNC} - LACKS[fault.store],
        "__module__": __name__,
        "__doc__": fault.sentence,
        **(_on_postgres(fault) if fault.store == POSTGRES else _in_folder(fault)),
    }
    return type(f"TestFault{fault.number}", (StoreConformance,), parts)


def _in_folder(fault: Fault) -> dict[str, Any]:
    @pytest.fixture
    def open_store(self, tmp_path):
        meet.begin()
        return partial(open_planted, fault.number, tmp_path / "bookings.db")

    @pytest.fixture
    def failing(self):
        return means.failing_sqlite

    @pytest.fixture
    def prune_log(self, tmp_path):
        return partial(means.prune_sqlite, tmp_path / "bookings.db")

    return {"open_store": open_store} | ({"failing": failing, "prune_log": prune_log} if fault.store == SQLITE else {})


def _on_postgres(fault: Fault) -> dict[str, Any]:
    @pytest.fixture
    def open_store(self):
        meet.begin()
        return partial(open_planted, fault.number, means.emptied_postgres())

    @pytest.fixture
    def failing(self):
        return means.failing_postgres

    @pytest.fixture
    def slow_writer(self):
        return means.slow_postgres

    return {"open_store": open_store, "failing": failing, "slow_writer": slow_writer}


globals().update({f"TestFault{fault.number}": suite_of(fault) for fault in FAULTS})
