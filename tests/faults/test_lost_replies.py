"""The same request id gives the same answer, even if a reply was lost."""

from collections.abc import Sequence

import pytest

from tests.campaigns.lost_replies import lose_replies
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.persistence.schema import ANSWERS
from traffic_booking.ports.primitives import StoreChange, StoreConflict

pytestmark = pytest.mark.long

MEMORY_REQUESTS = 4_000
SQLITE_REQUESTS = 1_000


class ForgetsRequests(MemoryStore):
    """Broken on purpose: it finds no earlier answer to a request id."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        kept = [tuple(put for put in change.puts if put.collection != ANSWERS.name) for change in changes]
        return super().commit([change._replace(puts=puts) for change, puts in zip(changes, kept, strict=True)])


def test_whatever_reply_is_lost_a_request_has_one_answer_and_is_done_once_in_memory():
    found = lose_replies(lambda _: MemoryStore(), requests=MEMORY_REQUESTS, seed=1)
    assert found["wrong"] == []
    assert found["replies lost"].keys() == {"read", "commit"}
    assert found["replies lost"]["commit"] > 0.9 * MEMORY_REQUESTS
    assert found["answers"].keys() >= {"Held", "Booked", "Cancelled", "Refused"}


def test_whatever_reply_is_lost_a_request_has_one_answer_and_is_done_once_in_a_file(tmp_path):
    found = lose_replies(lambda place: SqliteStore(tmp_path / f"{place}.db"), requests=SQLITE_REQUESTS, seed=2)
    assert found["wrong"] == []
    assert found["replies lost"].keys() == {"read", "commit"}
    assert found["replies lost"]["commit"] > 0.9 * SQLITE_REQUESTS


def test_a_store_that_forgets_requests_is_found_out():
    assert lose_replies(lambda _: ForgetsRequests(), requests=20, seed=1)["wrong"]
