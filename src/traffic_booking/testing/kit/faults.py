"""A connection that breaks: a `StoreError`, a change whole or not at all, and a repetition that shows which."""

import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreError
from traffic_booking.ports.primitives import FailedGuard, RecordsByIndex, RecordsByKey, Span, StoreChange
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import SHARED, Failing, OpenAgain, StoreCases
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.reading import check_agreement, whole_state
from traffic_booking.testing.kit.sample_schema import (
    Trim,
    change,
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
    written,
)
from traffic_booking.testing.kit.suite import case

STEPS = 24
PRIVATE = "1000000001-and-what-nobody-may-read"
READS: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.read([RecordsByKey("things", [PRIVATE]), RecordsByIndex("things", None, [Span()])]),
    "feed": lambda store: store.feed(BEGINNING, limit=99),
}


def error_under_fault(store: Store, failing: Failing, use: Callable[[], object]) -> StoreError:
    """The error that `use` raises on a connection whose very next step fails."""
    try:
        with failing(store, 0):
            use()
    except StoreError as error:
        return error
    raise AssertionError(
        "under failing(store, 0) nothing was raised; expected a StoreError: the connection's next step has to fail, "
        "and neither the driver nor the store may try again in silence"
    )


def whole(steps: int) -> StoreChange:
    """A change with every kind of part, the same one each time for those `steps`."""
    key = f"{steps}"
    return change(
        once(key, "answer"),
        thing(key, size=steps),
        guard("raised", steps),
        unchanged("checked", 0),
        count("hall", 1),
        count(key, 1, 1),
        Trim(f"before {key}"),
        entry(key, "entry"),
    )


class FaultCases(StoreCases):
    """With the fixture `failing`, which breaks the connection after so many steps."""

    @case(means="failing")
    def test_a_change_with_a_fault_is_written_whole_or_not_at_all(self, store: Store, failing: Failing) -> None:
        failed = 0
        for steps in range(STEPS):
            key = f"{steps}"
            written(store, [change(entry(f"before {key}", "passing"))])
            try:
                with failing(store, steps):
                    assert list(store.commit([whole(steps)])) == [None]
            except StoreError:
                failed += 1
            stored = record(store, key, "onces") is not None
            assert (record(store, key) is not None) == stored
            assert (keys_listed(store, "by_size", Span((), steps, steps + 1)) == [key]) == stored
            assert [value(store, key), len(stream(store, key))] == [stored, stored]
            assert len(stream(store, f"before {key}")) == (not stored)
            assert value(store, "hall") == steps + stored
            (again,) = store.commit([whole(steps)])
            used = FailedGuard("onces", key, 1, row_of(once(key, "answer")))
            assert stored == (again is not None and used in again.failed)
            assert [value(store, key), value(store, "hall"), len(stream(store, key))] == [1, steps + 1, 1]
            assert stream(store, f"before {key}") == []
        assert failed, f"none of failing(store, 0) to failing(store, {STEPS - 1}) broke a commit; choose smaller steps"

    @case(means="failing")
    def test_each_change_of_a_batch_with_a_fault_is_whole_or_not_there(self, store: Store, failing: Failing) -> None:
        for steps in range(STEPS):
            keys = [f"{steps}-{place}" for place in range(5)]
            with suppress(StoreError), failing(store, steps):
                store.commit([change(thing(key), once(key), count(key, 1), entry(key, "x")) for key in keys])
            for key in keys:
                parts = [record(store, key), record(store, key, "onces"), value(store, key), stream(store, key)]
                assert len({bool(part) for part in parts}) == 1, f"{key} is written in part"

    @case(means="failing")
    def test_a_fault_is_an_error_of_the_library_that_names_nobody(self, store: Store, failing: Failing) -> None:
        written(store, [change(thing(PRIVATE), once(PRIVATE, PRIVATE), count(PRIVATE, 1))])
        READS["read"](store)
        put = thing(PRIVATE, 1, owner=PRIVATE, body=PRIVATE)
        parts = put, once(f"{PRIVATE} again"), count(PRIVATE, 1), entry(PRIVATE, PRIVATE)
        for use in (lambda: store.commit([change(*parts)]), lambda: READS["read"](store)):
            shown = "".join(traceback.format_exception(error_under_fault(store, failing, use)))
            assert PRIVATE not in shown

    @case(means="failing")
    def test_a_fault_while_reading_is_an_error_of_the_library_and_passes(self, store: Store, failing: Failing) -> None:
        written(store, [change(thing("a"), count("hall", 1), entry("log", "x"))])
        for name, read in READS.items():
            before = read(store)
            error_under_fault(store, failing, partial(read, store))
            found = read(store)
            assert found == before, f"{name} after the fault has passed: got {found}; expected {before}, as before it"

    @case(means="failing", needs=[Capability.DURABLE])
    def test_a_store_has_after_a_fault_the_state_that_it_has_when_it_is_opened_again(
        self, open_again: OpenAgain, failing: Failing
    ) -> None:
        for steps in range(STEPS):
            store = open_again()
            _commit_with_fault(store, failing, steps)
            left = whole_state(store)
            store.close()
            again = open_again()
            states = {"the handle of the fault": left, "the store opened again": whole_state(again)}
            check_agreement(f"after failing(store, {steps}) within commit", states)
            again.close()

    @case(means="failing", needs=SHARED)
    def test_after_a_fault_within_commit_every_handle_sees_the_same_and_can_commit(
        self, open_again: OpenAgain, failing: Failing
    ) -> None:
        broken, other = open_again(), open_again()
        for steps in range(STEPS):
            _commit_with_fault(broken, failing, steps)
            when = f"after failing(store, {steps}) within commit"
            try:
                result: Any = list(other.commit([change(count("hall", 1))]))
            except StoreError as error:
                result = error
            assert result == [None], f"{when}, the commit of another handle gave {result!r}; expected no lock left"
            new = open_again()
            names = {"another handle": other, "a new handle": new, "the handle of the fault": broken}
            check_agreement(when, {name: whole_state(handle) for name, handle in names.items()})
            new.close()

    @case(means="failing", needs=SHARED)
    def test_a_fault_while_reading_what_another_handle_wrote_loses_nothing(
        self, open_again: OpenAgain, failing: Failing
    ) -> None:
        writer, reader = open_again(), open_again()
        uses: dict[str, Callable[[Store], object]] = {"read": whole_state, "feed": READS["feed"]}
        for steps in range(STEPS):
            for place, (name, use) in enumerate(uses.items()):
                written(writer, [_of_log(2 * steps + place)])
                with suppress(StoreError), failing(reader, steps):
                    use(reader)
                states = {"the handle that wrote": writer, "the handle of the fault": reader}
                when = f"after failing(store, {steps}) within {name}"
                check_agreement(when, {handle: whole_state(store) for handle, store in states.items()})


def _of_log(steps: int) -> StoreChange:
    """A change that no earlier one gets in the way of, with every kind of part."""
    key = f"{steps}"
    parts = thing(key, size=steps), once(key, "answer"), guard(key), unchanged("checked", 0), count(key, 1)
    return change(*parts, count("hall", 1), entry("log", key))


def _commit_with_fault(store: Store, failing: Failing, steps: int) -> None:
    with suppress(StoreError), failing(store, steps):
        store.commit([_of_log(steps)])
