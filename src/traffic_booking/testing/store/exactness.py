"""Instants and numbers come back as they went in, and mean the same in whatever form they are asked about."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from traffic_booking.ports.primitives import FailedGuard, RecordsByIndex, Span
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import START, TICK
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import (
    change,
    commit,
    conflict,
    count,
    keys_listed,
    once,
    record,
    thing,
    value,
    values,
    written,
)

ZONES: dict[str, tzinfo] = {
    "UTC": UTC,
    "Riyadh": ZoneInfo("Asia/Riyadh"),
    "Kathmandu": timezone(timedelta(hours=5, minutes=45)),
    "New York": ZoneInfo("America/New_York"),
    "nearly a day behind": timezone(timedelta(hours=-23, minutes=-59)),
    "seconds": timezone(timedelta(hours=3, seconds=7)),
}
MOMENTS = [
    datetime(1800, 1, 1, tzinfo=UTC),
    datetime(1899, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2000, 2, 29, 12, 30, 15, 1, tzinfo=UTC),
    datetime(2026, 11, 22, 4, 0, 0, 123_456, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 16, 999_000, tzinfo=UTC),
    datetime(2300, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
LEAST, MOST = -(2**63), 2**63 - 1
NUMBERS = [LEAST, LEAST + 1, -(2**53) - 1, -(2**31) - 1, -1, 0, 1, 2**31, 2**32 + 1, 2**53 + 1, MOST - 1, MOST]
INSIDE = [START + TICK * place for place in (-1_000_000, -1_000, -1, 0, 1, 999, 1_000, 1_000_000)]


class ExactnessCases(StoreCases):
    """Instants to the microsecond, numbers of 64 bits."""

    def test_instants_are_kept_to_the_microsecond_in_all_centuries(self, store: Store) -> None:
        for place, moment in enumerate(MOMENTS):
            assert commit(store, thing(f"{place}", made_at=moment, due_at=moment), once(f"{place}", "", moment)) is None
            row, used = record(store, f"{place}"), record(store, f"{place}", "onces")
            assert row is not None
            assert used is not None
            assert (row[4], row[6], used[2]) == (moment, moment, moment)
        assert keys_listed(store, "by_due") == [f"{place}" for place in range(len(MOMENTS))]

    @pytest.mark.parametrize("zone", ZONES)
    def test_an_instant_of_any_time_zone_is_stored_and_returned_in_utc(self, store: Store, zone: str) -> None:
        moment = (START + TICK).astimezone(ZONES[zone])
        assert commit(store, thing("a", made_at=moment, due_at=moment)) is None
        row = record(store, "a")
        ((listed,),) = store.read([RecordsByIndex("things", "by_due", [Span()])])
        assert row is not None
        assert list(listed) == [row]
        for column, got in (("made_at", row[4]), ("due_at", row[6])):
            wrong = f"{column} was written as {moment.isoformat()}: got {got.isoformat()}; expected"
            assert got == START + TICK, f"{wrong} the instant {(START + TICK).isoformat()}"
            assert got.utcoffset() == timedelta(0), f"{wrong} it in UTC"

    @pytest.mark.parametrize("zone", ZONES)
    def test_a_conflict_brings_its_record_in_utc_even_if_the_same_batch_wrote_it(self, store: Store, zone: str) -> None:
        moment = (START + TICK).astimezone(ZONES[zone])
        for batch in ([change(once("a", "", moment)), change(once("a"))], [change(once("a"))]):
            failed = store.commit(batch)[-1]
            assert failed == conflict(FailedGuard("onces", "a", 1, ("a", 1, START + TICK, "")))
            assert failed is not None
            assert [each.record and each.record[2].utcoffset() for each in failed.failed] == [timedelta(0)]

    @pytest.mark.parametrize("zone", ZONES)
    def test_bounds_and_cursors_may_stand_in_any_time_zone(self, store: Store, zone: str) -> None:
        hours = [START + timedelta(hours=each) for each in range(-14, 15)]
        written(store, [change(*(thing(f"{n:02d}", made_at=each, due_at=each) for n, each in enumerate(hours)))])
        names = [f"{n:02d}" for n in range(len(hours))]
        here = [each.astimezone(ZONES[zone]) for each in hours]
        for index, equal in (("by_kind_and_time", ("kind",)), ("by_due", ()), ("due_by_kind", ("kind",))):
            assert keys_listed(store, index, Span(equal, here[3], here[20])) == names[3:20]
            assert keys_listed(store, index, Span(equal, here[3] + TICK, here[20] + TICK)) == names[4:21]
            assert keys_listed(store, index, Span(equal, after=(here[14], names[14]))) == names[15:]
            assert keys_listed(store, index, Span(equal, after=(here[14], " ")), limit=2) == names[14:16]
            back = keys_listed(store, index, Span(equal, after=(here[14], names[14])), descending=True)
            assert back == names[13::-1]

    def test_records_stand_in_the_order_of_their_instants_whatever_zone_they_came_in(self, store: Store) -> None:
        zones = [*ZONES.values()]
        moments = [START + timedelta(minutes=place * 7) for place in range(24)]
        puts = [thing(f"{n:02d}", made_at=each.astimezone(zones[n % 6])) for n, each in enumerate(moments)]
        written(store, [change(put) for put in reversed(puts)])
        assert keys_listed(store, "by_kind_and_time", Span(("kind",))) == [put.key for put in puts]

    def test_instants_a_microsecond_apart_are_kept_apart_in_an_index(self, store: Store) -> None:
        written(store, [change(*(thing(f"{n}", made_at=each, due_at=each) for n, each in enumerate(INSIDE)))])
        for n, each in enumerate(INSIDE):
            for index, equal in (("by_kind_and_time", ("kind",)), ("by_due", ())):
                assert keys_listed(store, index, Span(equal, each, each + TICK)) == [f"{n}"]
                assert keys_listed(store, index, Span(equal, after=(each, f"{n}")), limit=1) == [f"{n + 1}"][: 7 - n]
                assert keys_listed(store, index, Span(equal, None, each), descending=True, limit=1) == (
                    [f"{n - 1}"] if n else []
                )

    def test_numbers_of_64_bits_come_back_and_stand_in_their_order(self, store: Store) -> None:
        assert len(set(NUMBERS)) == len(NUMBERS)
        written(store, [change(thing(f"{n:02d}", size=each, weight=each)) for n, each in enumerate(NUMBERS)])
        rows = [record(store, f"{n:02d}") for n in range(len(NUMBERS))]
        assert [row and (row[3], row[7]) for row in rows] == [(each, each) for each in NUMBERS]
        names = [f"{n:02d}" for n in range(len(NUMBERS))]
        assert keys_listed(store, "by_size") == names
        assert keys_listed(store, "by_kind_and_size", Span(("kind",)), descending=True) == names[::-1]
        for n, each in enumerate(NUMBERS):
            assert keys_listed(store, "by_size", Span((), each)) == names[n:]
            assert keys_listed(store, "by_size", Span((), None, each)) == names[:n]
            assert keys_listed(store, "by_size", Span(after=(each, f"{n:02d}"))) == names[n + 1 :]

    def test_numbers_are_numbers_and_not_text(self, store: Store) -> None:
        written(store, [change(*(thing(f"{each:+d}", size=each) for each in (-20, -3, 9, 10, 100)))])
        assert keys_listed(store, "by_size") == ["-20", "-3", "+9", "+10", "+100"]

    def test_counters_reach_64_bits(self, store: Store) -> None:
        assert commit(store, count("a", MOST - 1, MOST), count("b", 2**31, MOST), count("c", 2**53 + 1, MOST)) is None
        assert values(store, ["a", "b", "c"]) == [MOST - 1, 2**31, 2**53 + 1]
        assert commit(store, count("a", 1, MOST), count("b", 1, MOST), count("c", 1, MOST)) is None
        assert values(store, ["a", "b", "c"]) == [MOST, 2**31 + 1, 2**53 + 2]
        assert commit(store, count("a", 1, MOST)) == conflict(FailedGuard("places", "a", MOST))
        assert commit(store, count("a", -MOST), count("b", 1 - 2**31, 0)) is None
        assert values(store, ["a", "b"]) == [0, 2]
        assert commit(store, count("a", -MOST, LEAST)) == conflict(FailedGuard("places", "a", 0))

    def test_values_that_are_empty_or_0_are_not_absent(self, store: Store) -> None:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        commit(store, thing("a", kind="", size=0, made_at=epoch, owner="", due_at=epoch, weight=0))
        assert record(store, "a") == ("a", 1, "", 0, epoch, "", epoch, 0, "")
        assert keys_listed(store, "by_owner", Span(("",))) == keys_listed(store, "by_due") == ["a"]
        assert keys_listed(store, "by_kind_and_size", Span(("",), 0, 1)) == ["a"]

    def test_optional_columns_that_are_none_come_back_as_none(self, store: Store) -> None:
        commit(store, thing("a", owner="me", due_at=START, weight=5))
        commit(store, thing("a", 1))
        assert record(store, "a") == ("a", 2, "kind", 0, START, None, None, None, "")
        assert keys_listed(store, "by_owner", Span(("me",))) == keys_listed(store, "by_due") == []

    def test_a_value_is_the_same_type_in_every_answer(self, store: Store) -> None:
        commit(store, thing("a", size=3, owner="me", due_at=START, weight=4), count("hall", 2))
        ((found,),) = store.read([RecordsByIndex("things", "by_size", [Span()])])
        for row in (record(store, "a"), found[0]):
            assert row is not None
            types = [str, int, str, int, datetime, str, datetime, int, str]
            assert [type(each) for each in row] == types
        assert type(value(store, "hall")) is int
