"""Two handles on one store: each sees at once what the other has committed, in reads and in guards."""

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import Delete, FailedGuard
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.store.base import OpenAgain, StoreCases
from traffic_booking.testing.store.durability import check_sample, everything, sample_store
from traffic_booking.testing.store.reading_feed import bodies, entries_behind
from traffic_booking.testing.store.sample_schema import (
    commit,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
    once,
    record,
    row_of,
    stream,
    thing,
    unchanged,
    value,
)
from traffic_booking.testing.suite import case

SHARED = (Capability.CROSS_PROCESS, Capability.DURABLE)
ROUNDS = 12


class HandleCases(StoreCases):
    """One after the other, so that nothing is left to chance."""

    @case(needs=SHARED)
    def test_what_one_handle_commits_the_other_reads_at_once(self, open_again: OpenAgain) -> None:
        handles = [open_again(), open_again()]
        for handle in handles:
            assert [record(handle, "a"), value(handle, "hall"), stream(handle, "log")] == [None, 0, []]
        for version in range(ROUNDS):
            writer, reader = handles[version % 2], handles[1 - version % 2]
            assert commit(writer, thing("a", version, size=version), count("hall", 1), entry("log", "x")) is None
            for handle in (reader, writer):
                assert record(handle, "a") == row_of(thing("a", version, size=version))
                assert keys_listed(handle, "by_size") == ["a"]
                assert (value(handle, "hall"), len(stream(handle, "log"))) == (version + 1, version + 1)
        for handle in handles:
            assert len(entries_behind(handle, BEGINNING, ROUNDS)) == ROUNDS

    @case(needs=SHARED)
    def test_the_guards_of_one_handle_see_what_the_other_has_committed(self, open_again: OpenAgain) -> None:
        one, other = open_again(), open_again()
        commit(one, thing("a"), guard("north"), count("hall", 1, 2))
        for handle in (one, other):
            assert commit(handle, unchanged("north", 1)) is None
        for version in range(1, ROUNDS, 2):
            for first, second, expected in ((one, other, version), (other, one, version + 1)):
                assert commit(first, thing("a", expected), guard("north", expected), count("hall", 1, 2)) is None
                assert commit(second, thing("a", expected)) == conflict(FailedGuard("things", "a", expected + 1))
                stale = conflict(FailedGuard("guards", "north", expected + 1))
                assert commit(second, unchanged("north", expected)) == stale
                assert commit(second, count("hall", 1, 2)) == conflict(FailedGuard("places", "hall", 2))
                assert commit(second, count("hall", -1)) is None

    @case(needs=SHARED)
    def test_a_key_that_one_handle_used_is_used_for_the_other(self, open_again: OpenAgain) -> None:
        handles = [open_again(), open_again()]
        for place in range(ROUNDS):
            first, second = handles[place % 2], handles[1 - place % 2]
            key = f"{place}"
            assert [record(each, key, "onces") for each in handles] == [None, None]
            assert commit(first, once(key, "first"), thing(key)) is None
            used = conflict(FailedGuard("onces", key, 1, row_of(once(key, "first"))))
            assert commit(second, once(key, "second")) == used
            assert commit(second, Delete("things", key, 1)) is None
            assert commit(first, Delete("things", key, 1)) == conflict(FailedGuard("things", key, 0))
            assert commit(first, thing(key)) is None

    @case(needs=SHARED)
    def test_a_handle_goes_on_after_the_other_was_closed(self, open_again: OpenAgain) -> None:
        one, other = open_again(), open_again()
        sample_store(one)
        before = everything(other)
        one.close()
        assert everything(other) == before
        check_sample(other)
        assert bodies(entries_behind(open_again(), BEGINNING, 5))[-1] == "later"
