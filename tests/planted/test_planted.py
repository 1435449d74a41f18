"""The kit catches every planted fault, by the case that the page names."""

from functools import partial

import pytest

from tests.planted.file_store import FileStore
from tests.planted.opening import FAULTS
from tools.planted import PAGE, ROW, failed_case, page_of
from traffic_booking.testing import Capability
from traffic_booking.testing.kit.durability import DurabilityCases

pytestmark = [pytest.mark.long, pytest.mark.race]

LEAST_FAULTS = 75
ROWS = [match for line in PAGE.read_text(encoding="utf-8").splitlines() if (match := ROW.fullmatch(line))]


def test_the_page_has_a_row_for_each_fault_that_was_caught_in_20_of_20_runs():
    assert [(int(row[1]), row[2], row[3]) for row in ROWS] == [
        (fault.number, fault.sentence, fault.store) for fault in FAULTS
    ]
    assert {row[5] for row in ROWS} == {"20 of 20"}
    assert len(ROWS) >= LEAST_FAULTS
    assert PAGE.read_text(encoding="utf-8") == page_of([row[0] for row in ROWS])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_the_case_that_the_page_names_catches_the_fault(row, request, monkeypatch):
    if row[3] == "PostgreSQL":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_server"))
    assert failed_case(FAULTS[int(row[1]) - 1], row[4], seed=1) == row[4], row[2]


class TestSoundFileStore(DurabilityCases):
    """The store in a file is right without a fault: its contents are there after it is opened again."""

    contract_level = 1
    promises = frozenset(Capability) - {Capability.ASYNC, Capability.CROSS_PROCESS}

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(FileStore, tmp_path / "bookings")
