"""The observer of a desk: what it receives, that it harms no request, and that it sees no personal data."""

import asyncio
import logging
import sys
from importlib import import_module
from itertools import count
from threading import Lock
from typing import Any, get_args

import pytest
from attrs import evolve as copy_with
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from tests.async_desk import DrivenDesk
from tests.bookings import slot
from tests.calendars import PLAIN
from tests.canaries import CANARIES
from tests.canary_round import Collected, all_verbs, open_desk
from tests.people import ME, YOU
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    AsyncDesk,
    BatchObserved,
    Booked,
    DecisionObserved,
    Desk,
    DeskParts,
    FeedObserved,
    MissingExtra,
    RequestMismatch,
    SearchObserved,
    StoreClosed,
    StoreObserved,
    StoreUnavailable,
    Throttled,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.observers.log import LoggingObserver
from traffic_booking.adapters.observers.metrics import OpenTelemetryObserver
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application.measuring import VERBS
from traffic_booking.domain.decisions.outcomes import Outcome
from traffic_booking.testing import FaultyStore, MovableClock, StoreFault, made_up_person
from traffic_booking.testing.racing import race


class Seen:
    """An observer whose clock moves by a second at each reading."""

    def __init__(self):
        self.all = []
        self._ticks = count(1)
        self._lock = Lock()

    def seconds(self):
        return float(next(self._ticks))

    def observe(self, observation):
        with self._lock:
            self.all.append(observation)

    def of(self, kind):
        return [each for each in self.all if isinstance(each, kind)]

    def decisions(self):
        return [(each.verb, each.outcome) for each in self.of(DecisionObserved)]


class Raising:
    """A defective observer."""

    def __init__(self):
        self.calls = 0

    def seconds(self):
        raise OSError("no clock for 1000000008")

    def observe(self, _observation):
        self.calls += 1
        raise ValueError("no place for 1000000008")


def parts(store, observer, clock=None, **others):
    given: dict[str, Any] = {
        "clock": clock or MovableClock(START),
        "catalogue": small_catalogue(capacity=1),
        "rulebook": small_rulebook(),
        "calendar": PLAIN,
        "numbering": RandomNumbering(),
        "tickets": {},
        "retention": RETENTION,
    }
    return DeskParts(store=store, observer=observer, **given | others)


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture(params=["threads", "asyncio"])
def desk(request, seen):
    """A desk with an observer, and the one for asyncio."""

    async def awaited():
        return AsyncDesk(parts(ThreadedStore(MemoryStore()), seen))

    opened = Desk(parts(MemoryStore(), seen)) if request.param == "threads" else DrivenDesk(awaited)
    with opened as entered:
        yield entered


def book(desk: Any, person=ME, at=None, request_id="b"):
    return desk.book(at or slot(25), applicant=person, agreed=True, request_id=request_id)


def test_a_decision_is_observed_with_its_verb_and_outcome_and_the_rules_that_refuse(desk, seen):
    booked = book(desk)
    book(desk, YOU, request_id="late")
    desk.cancel(booked.appointment.number, by=YOU, request_id="not-mine")
    granted, full, stranger = seen.of(DecisionObserved)
    assert (granted.verb, granted.outcome, granted.broken, granted.error) == ("book", "granted", (), None)
    assert (full.verb, full.outcome, full.broken) == ("book", "refused", ("BK-05",))
    assert (stranger.verb, stranger.outcome, stranger.broken) == ("cancel", "refused", ("CN-01",))
    assert all(each.seconds > 0 for each in seen.all)


def test_a_request_that_is_sent_again_is_observed_as_repeated(desk, seen):
    assert book(desk) == book(desk)
    assert [(each.outcome, each.repeated) for each in seen.of(DecisionObserved)] == [
        ("granted", False),
        ("granted", True),
    ]


def test_an_error_is_observed_by_the_name_of_its_class_and_raised(desk, seen):
    book(desk)
    with pytest.raises(RequestMismatch):
        book(desk, at=slot(26))
    failed = seen.of(DecisionObserved)[-1]
    assert (failed.outcome, failed.error, failed.broken) == ("failed", "RequestMismatch", ())


def test_a_throttled_request_is_observed(seen):
    desk = Desk(parts(MemoryStore(), seen, retention=copy_with(RETENTION, refusals_per_minute=10)))
    outcomes = [book(desk, at=slot(1.01), request_id=f"r-{place}") for place in range(11)]
    assert isinstance(outcomes[-1], Throttled)
    assert seen.decisions()[-1] == ("book", "throttled")


def test_every_outcome_that_grants_a_request_has_a_verb():
    assert {each.__name__ for each in get_args(Outcome)} - {"Refused"} == set(VERBS)


def test_searches_and_pages_of_the_feed_are_observed(desk, seen):
    found = desk.find_slots(service="renewal", limit=3)
    month = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
    assert [(each.verb, each.found) for each in seen.of(SearchObserved)] == [
        ("find_slots", len(found)),
        ("month_view", len(month)),
    ]


def test_the_lag_of_the_feed_is_the_age_of_the_last_entry_while_newer_ones_wait(seen):
    clock = MovableClock(START)
    desk = Desk(parts(MemoryStore(), seen, clock))
    book(desk)
    clock.advance(slot(26).starts_at - slot(25).starts_at)
    first = desk.feed(limit=1)
    desk.feed(after=first.entries[-1].position, limit=1_000)
    desk.feed(after=first.complete_until, limit=1_000)
    behind, end, empty = seen.of(FeedObserved)
    assert (behind.entries, behind.lag_seconds) == (1, 3600.0)
    assert (end.entries > 0, end.lag_seconds) == (True, 0.0)
    assert (empty.entries, empty.lag_seconds) == (0, 0.0)


def test_a_batch_and_its_calls_of_the_store_are_observed(desk, seen):
    book(desk)
    assert [(each.size, each.retried) for each in seen.of(BatchObserved)] == [(1, 0)]
    calls = [each.verb for each in seen.of(StoreObserved)]
    assert set(calls) == {"read", "commit"}
    assert sum(each.size for each in seen.of(StoreObserved) if each.verb == "commit") >= 1


def test_conflicts_and_retried_requests_are_counted(seen):
    store: Any = MemoryStore()
    desk, other = Desk(parts(store, seen)), Desk(parts(store, None))
    book(other, made_up_person(3), at=slot(29), request_id="opens-the-calendars")
    seen.all.clear()
    commit, first = store.commit, list[Any]()

    def late(changes):
        if not first:
            first.append(None)
            first.append(book(other, YOU, request_id="was-first"))
        return commit(changes)

    store.commit = late
    assert book(desk).verdicts[0].rule_id == "BK-05"
    assert isinstance(first[-1], Booked)
    [decision] = seen.of(DecisionObserved)
    retried = sum(each.retried for each in seen.of(BatchObserved))
    conflicts = sum(each.conflicts for each in seen.of(StoreObserved))
    assert (decision.conflicts, retried, conflicts) == (1, 1, 1)


@pytest.mark.parametrize("verb", ["read", "commit", "feed"])
def test_a_failure_of_the_store_is_observed_in_whichever_verb_it_comes(verb, seen):
    store = FaultyStore(MemoryStore(), lambda call: StoreFault.FAILS_BEFORE if call.verb == verb else None)
    desk = Desk(parts(store, seen))
    with pytest.raises(StoreUnavailable):
        desk.feed() if verb == "feed" else book(desk)
    assert [(each.verb, each.error) for each in seen.of(StoreObserved)][-1] == (verb, "StoreUnavailable")


def test_the_store_of_the_desk_is_the_one_that_was_given(seen):
    store = MemoryStore()
    assert Desk(parts(store, seen)).store is store


def test_a_closed_desk_reports_its_error_to_observer_and_caller(seen):
    desk = Desk(parts(MemoryStore(), seen))
    desk.close()
    with pytest.raises(StoreClosed):
        book(desk)
    assert seen.of(DecisionObserved)[-1].error == "StoreClosed"


def test_a_cancelled_task_is_observed_as_failed(seen):
    async def work():
        desk = AsyncDesk(parts(ThreadedStore(MemoryStore()), seen))
        task = asyncio.create_task(desk.book(slot(25), applicant=ME, agreed=True, request_id="b"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await desk.close()

    asyncio.run(work())
    assert [(each.outcome, each.error) for each in seen.of(DecisionObserved)] == [("failed", "CancelledError")]


def test_an_observer_that_raises_harms_no_request_and_is_logged_once_without_its_message(caplog):
    observer = Raising()
    desk = Desk(parts(MemoryStore(), observer))
    assert isinstance(book(desk), Booked)
    assert desk.find_slots(service="renewal")
    assert desk.feed().entries
    assert observer.calls > 3
    [record] = caplog.records
    assert (record.name, record.levelname) == ("traffic_booking", "ERROR")
    assert "OSError" in record.getMessage()
    assert "1000000008" not in caplog.text


@pytest.mark.parametrize("reading", [None, "soon", float("nan"), float("inf"), -1e300])
def test_an_observer_with_a_broken_clock_harms_no_request(reading):
    observer: Any = Seen()
    observer.seconds = lambda: reading
    desk = Desk(parts(MemoryStore(), observer))
    assert isinstance(book(desk), Booked)
    assert {each.seconds for each in observer.all} == {0.0}


def test_requests_of_several_threads_are_all_observed(seen):
    desk = Desk(parts(MemoryStore(), seen, catalogue=small_catalogue(capacity=50)))
    callers = race(lambda place: book(desk, YOU if place % 2 else ME, request_id=f"r-{place}"))
    assert len(seen.decisions()) == len(callers)
    assert sum(each.size - each.retried for each in seen.of(BatchObserved)) == len(callers)


def test_no_observation_has_an_id_a_number_a_request_id_or_a_subject(seen, caplog):
    caplog.set_level(logging.DEBUG)

    class Both(LoggingObserver):
        def observe(self, observation):
            seen.observe(observation)
            super().observe(observation)

    clock = MovableClock(START)
    desk = open_desk("memory://", None, clock, observer=Both())
    all_verbs(desk, Collected(), clock)
    texts = [*map(repr, seen.all), caplog.text, *(repr(vars(record)) for record in caplog.records)]
    events = [entry.what for entry in desk.feed(limit=10_000).entries]
    secrets = {canary.reveal()[:7] for canary in CANARIES.values()}
    secrets |= {number for each in events if (number := getattr(each, "number", None)) and isinstance(number, str)}
    secrets |= {each.applicant.subject for each in events if hasattr(each, "applicant")}
    secrets |= {"b-1", "m-1", "h-1", "desk-1"}
    assert len(secrets) > 10
    assert {secret for secret in secrets for text in texts if secret in text} == set()


def test_the_log_has_decisions_at_info_and_errors_at_warning_with_values_by_name(caplog):
    caplog.set_level(logging.DEBUG, "traffic_booking")
    desk = Desk(parts(MemoryStore(), LoggingObserver()))
    book(desk)
    book(desk, YOU, request_id="late")
    with pytest.raises(RequestMismatch):
        book(desk, at=slot(26))
    decisions = [each for each in caplog.records if each.observation["kind"] == "decision"]
    assert [each.levelname for each in decisions] == ["INFO", "INFO", "WARNING"]
    assert decisions[1].observation["broken"] == ("BK-05",)
    assert "verb=book outcome=refused broken=BK-05" in decisions[1].getMessage()
    assert {each.levelname for each in caplog.records if each.observation["kind"] in {"batch", "store"}} == {"DEBUG"}


def test_a_logger_that_is_not_enabled_costs_no_record(caplog):
    caplog.set_level(logging.ERROR, "traffic_booking")
    book(Desk(parts(MemoryStore(), LoggingObserver())))
    assert caplog.records == []


def metrics_of(reader):
    """Each metric by name: its points, as attributes and either a value or a count and a sum."""
    [resource] = reader.get_metrics_data().resource_metrics
    return {
        metric.name: {
            tuple(sorted(point.attributes.items())): getattr(point, "value", getattr(point, "count", None))
            for point in metric.data.data_points
        }
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def test_metrics_add_up_decisions_rules_batches_searches_and_the_lag():
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    desk = Desk(parts(MemoryStore(), OpenTelemetryObserver(provider.get_meter("test"))))
    book(desk)
    book(desk, YOU, request_id="late")
    book(desk, YOU, request_id="late")
    desk.find_slots(service="renewal")
    desk.feed(limit=1)
    found = metrics_of(reader)
    provider.shutdown()
    assert found["traffic_booking.decision.duration"] == {
        (("outcome", "granted"), ("repeated", "false"), ("verb", "book")): 1,
        (("outcome", "refused"), ("repeated", "false"), ("verb", "book")): 1,
        (("outcome", "refused"), ("repeated", "true"), ("verb", "book")): 1,
    }
    assert found["traffic_booking.rule.broken"] == {(("rule", "BK-05"), ("verb", "book")): 1}
    assert found["traffic_booking.batch.size"] == {(): 3}
    assert found["traffic_booking.search.duration"] == {(("verb", "find_slots"),): 1}
    assert found["traffic_booking.feed.lag"] == {(): 0.0}
    assert "traffic_booking.store.duration" in found


def test_metrics_without_their_extra_name_the_package_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "traffic_booking.adapters.observers.metrics")
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    with pytest.raises(MissingExtra, match=r"traffic-booking\[opentelemetry\]"):
        import_module("traffic_booking.adapters.observers.metrics")
