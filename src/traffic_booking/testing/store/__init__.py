"""The conformance suite of the store port: a file of cases for each topic, put together here."""

from traffic_booking.testing.store.accounts import AccountCases
from traffic_booking.testing.store.agreement import AgreementCases
from traffic_booking.testing.store.appointments import AppointmentCases
from traffic_booking.testing.store.base import Failing, Means, OpenAgain, PruneLog, StoreOpener
from traffic_booking.testing.store.batches import BatchCases
from traffic_booking.testing.store.by_index import IndexCases
from traffic_booking.testing.store.by_key import KeyCases
from traffic_booking.testing.store.by_range import CounterRangeCases
from traffic_booking.testing.store.calendar import CalendarCases
from traffic_booking.testing.store.changes import ChangeCases
from traffic_booking.testing.store.counters import CounterCases
from traffic_booking.testing.store.durability import DurabilityCases
from traffic_booking.testing.store.exactness import ExactnessCases
from traffic_booking.testing.store.faults import FaultCases
from traffic_booking.testing.store.handles import HandleCases
from traffic_booking.testing.store.histories import HistoryCases
from traffic_booking.testing.store.holds import HoldCases
from traffic_booking.testing.store.large import LargeCases
from traffic_booking.testing.store.life import LifeCases
from traffic_booking.testing.store.log import LogCases
from traffic_booking.testing.store.persons import PersonCases
from traffic_booking.testing.store.races import RaceCases
from traffic_booking.testing.store.records import RecordCases
from traffic_booking.testing.store.snapshots import SnapshotCases
from traffic_booking.testing.store.texts import TextCases
from traffic_booking.testing.store.trims import TrimCases
from traffic_booking.testing.store.upkeep import UpkeepCases

__all__ = ["Failing", "Means", "OpenAgain", "PruneLog", "StoreConformance", "StoreOpener"]


class StoreConformance(  # pytest runs the cases of the last base first: plain cases, then races, then drawn cases
    HistoryCases,
    AgreementCases,
    RaceCases,
    SnapshotCases,
    FaultCases,
    HandleCases,
    DurabilityCases,
    LifeCases,
    AccountCases,
    CalendarCases,
    HoldCases,
    AppointmentCases,
    PersonCases,
    LargeCases,
    TrimCases,
    LogCases,
    TextCases,
    ExactnessCases,
    UpkeepCases,
    CounterRangeCases,
    IndexCases,
    KeyCases,
    BatchCases,
    ChangeCases,
    RecordCases,
    CounterCases,
):
    """Every case of the store port. A subclass gives the fixture `open_store` and states its level and promises.

    The fixture's value opens the store under test with the keyword `schema`, and is called more than once: each call
    opens the same data if the store is durable, and an empty store if it is not. For cross-process and durable stores
    it can be pickled, such as a `functools.partial` of the store's class. A store whose methods are awaited promises
    `Capability.ASYNC`; the kit then awaits them. More fixtures are optional: `failing`, `prune_log`, `slow_writer`,
    `other_database` and `restored`.
    """
