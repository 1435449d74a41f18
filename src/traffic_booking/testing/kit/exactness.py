"""Instants and numbers come back as they went in, and an instant is the same in every time zone."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from traffic_booking.ports.primitives import FailedGuard, RecordsByIndex, Span
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.model import Twins
from traffic_booking.testing.kit.sample_schema import (
    change,
    commit,
    conflict,
    count,
    keys_listed,
    once,
    record,
    thing,
    value,
    written,
)
from traffic_booking.testing.samples.appointments import START, TICK

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
    *(START + TICK * ticks for ticks in (-1_000_000, -1_000, -1, 0, 1, 999, 1_000, 1_000_000)),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(2106, 2, 7, 6, 28, 16, 999_000, tzinfo=UTC),
    datetime(2300, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]
LEAST, MOST = -(2**63), 2**63 - 1
NUMBERS = [LEAST, LEAST + 1, -(2**53) - 1, -(2**31) - 1, -20, -3, -1, 0, 1, 9, 10, 100]
NUMBERS += [2**31, 2**32 + 1, 2**53 + 1, MOST - 1, MOST]


class ExactnessCases(StoreCases):
    """Instants to the microsecond, numbers of 64 bits."""

    def test_instants_are_kept_to_the_microsecond_in_all_centuries(self, store: Store) -> None:
        names = [f"{place:02d}" for place in range(len(MOMENTS))]
        for name, moment in zip(names, MOMENTS, strict=True):
            assert commit(store, thing(name, made_at=moment, due_at=moment), once(name, "", moment)) is None
            row, used = record(store, name), record(store, name, "onces")
            assert row is not None
            assert used is not None
            assert (row[4], row[6], used[2]) == (moment, moment, moment)
        for index, equal in (("by_due", ()), ("by_kind_and_time", ("kind",))):
            assert keys_listed(store, index, Span(equal)) == names
            for place, moment in enumerate(MOMENTS):
                assert keys_listed(store, index, Span(equal, moment, moment + TICK)) == [names[place]]
                assert keys_listed(store, index, Span(equal, after=(moment, names[place]))) == names[place + 1 :]
                assert keys_listed(store, index, Span(equal, None, moment)) == names[:place]

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
    def test_records_bounds_and_cursors_may_stand_in_any_time_zone(self, store: Store, zone: str) -> None:
        hours, zones = [START + timedelta(hours=each) for each in range(-14, 15)], [*ZONES.values()]
        twins = Twins(store)
        written_in = [each.astimezone(zones[place % len(zones)]) for place, each in enumerate(hours)]
        puts = [thing(f"{n:02d}", made_at=each, due_at=each) for n, each in enumerate(written_in)]
        twins.commit([change(put) for put in reversed(puts)])
        here = [each.astimezone(ZONES[zone]) for each in hours]
        for index, equal in (("by_kind_and_time", ("kind",)), ("by_due", ()), ("due_by_kind", ("kind",))):
            spans = [
                *(Span(equal), Span(equal, here[3], here[20]), Span(equal, here[3] + TICK, here[20] + TICK)),
                *(Span(equal, after=(here[14], key)) for key in (" ", "14", "15")),
            ]
            twins.compare([RecordsByIndex("things", index, spans, descending) for descending in (False, True)])

    def test_numbers_of_64_bits_come_back_and_stand_in_their_order(self, store: Store) -> None:
        names = [f"{place:02d}" for place in range(len(NUMBERS))]
        columns = zip(names, NUMBERS, strict=True)
        written(store, [change(thing(name, size=each, weight=each)) for name, each in columns])
        rows = [record(store, name) for name in names]
        assert [row and (row[3], row[7]) for row in rows] == [(each, each) for each in NUMBERS]
        assert keys_listed(store, "by_kind_and_size", Span(("kind",)), descending=True) == names[::-1]
        for place, each in enumerate(NUMBERS):
            assert keys_listed(store, "by_size", Span((), each)) == names[place:]
            assert keys_listed(store, "by_size", Span((), None, each)) == names[:place]
            assert keys_listed(store, "by_size", Span(after=(each, names[place]))) == names[place + 1 :]

    def test_empty_values_and_0_are_not_absent_and_none_comes_back_as_none(self, store: Store) -> None:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        commit(store, thing("a", kind="", size=0, made_at=epoch, owner="", due_at=epoch, weight=0))
        assert record(store, "a") == ("a", 1, "", 0, epoch, "", epoch, 0, "")
        assert keys_listed(store, "by_owner", Span(("",))) == keys_listed(store, "by_due") == ["a"]
        assert keys_listed(store, "by_kind_and_size", Span(("",), 0, 1)) == ["a"]
        commit(store, thing("a", 1))
        assert record(store, "a") == ("a", 2, "kind", 0, START, None, None, None, "")
        assert keys_listed(store, "by_owner", Span(("",))) == keys_listed(store, "by_due") == []

    def test_a_value_is_the_same_type_in_every_answer(self, store: Store) -> None:
        commit(store, thing("a", size=3, owner="me", due_at=START, weight=4), count("hall", 2))
        ((found,),) = store.read([RecordsByIndex("things", "by_size", [Span()])])
        for row in (record(store, "a"), found[0]):
            assert [type(each) for each in row or ()] == [str, int, str, int, datetime, str, datetime, int, str]
        assert type(value(store, "hall")) is int
