"""The conformance suite of the store port: a file of cases for each topic, put together here."""

from traffic_booking.testing.kit.agreement import AgreementCases
from traffic_booking.testing.kit.base import Failing, Means, OpenAgain, PruneLog, StoreOpener
from traffic_booking.testing.kit.batches import BatchCases
from traffic_booking.testing.kit.book_cases import AccountCases, BookCases, HistoryCases
from traffic_booking.testing.kit.changes import ChangeCases, GuardCases
from traffic_booking.testing.kit.durability import DurabilityCases, HandleCases
from traffic_booking.testing.kit.exactness import ExactnessCases
from traffic_booking.testing.kit.faults import FaultCases
from traffic_booking.testing.kit.keyed_reads import KeyedReadCases
from traffic_booking.testing.kit.large import LargeCases
from traffic_booking.testing.kit.life import LifeCases
from traffic_booking.testing.kit.log import LogCases
from traffic_booking.testing.kit.ordered_reads import OrderedReadCases
from traffic_booking.testing.kit.races import RaceCases
from traffic_booking.testing.kit.snapshots import SnapshotCases
from traffic_booking.testing.kit.texts import TextCases
from traffic_booking.testing.kit.trims import TrimCases

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
    BookCases,
    LargeCases,
    TrimCases,
    LogCases,
    TextCases,
    ExactnessCases,
    OrderedReadCases,
    KeyedReadCases,
    BatchCases,
    ChangeCases,
    GuardCases,
):
    """Every case of the store port. A subclass overrides the fixture `open_store` and states its level and promises.

    The fixture's value opens the store under test with the keyword `schema`. The kit calls it more than once: each call
    opens the same data if the store is durable, and an empty store if it is not. For cross-process and durable stores
    it can be pickled, such as a `functools.partial` of the store's class. A store with coroutine methods promises
    `Capability.ASYNC`. More fixtures are optional: `failing`, `prune_log`, `slow_writer`, `other_database`, `restored`.
    """
