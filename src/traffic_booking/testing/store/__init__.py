"""The conformance suite of the store port: a file of cases for each topic, put together here."""

from traffic_booking.testing.store.accounts import AccountCases
from traffic_booking.testing.store.agreement import AgreementCases
from traffic_booking.testing.store.auditing import AuditCases
from traffic_booking.testing.store.base import StoreOpener
from traffic_booking.testing.store.batches import BatchCases
from traffic_booking.testing.store.calendar import CalendarCases
from traffic_booking.testing.store.durability import DurabilityCases
from traffic_booking.testing.store.exactness import ExactnessCases
from traffic_booking.testing.store.facts import FactsCases
from traffic_booking.testing.store.faults import FaultCases
from traffic_booking.testing.store.guards import GuardCases
from traffic_booking.testing.store.histories import HistoryCases
from traffic_booking.testing.store.holds import HoldCases
from traffic_booking.testing.store.life import LifeCases
from traffic_booking.testing.store.moves import MovingCases
from traffic_booking.testing.store.processes import ProcessCases
from traffic_booking.testing.store.references import ReferenceCases
from traffic_booking.testing.store.requests import RequestCases
from traffic_booking.testing.store.round_trips import RoundTripCases
from traffic_booking.testing.store.searches import SearchCases
from traffic_booking.testing.store.seats import SeatCases
from traffic_booking.testing.store.threads import ThreadCases
from traffic_booking.testing.store.versions import VersionCases

__all__ = ["StoreConformance", "StoreOpener"]


class StoreConformance(  # each topic's cases
    GuardCases,
    RequestCases,
    VersionCases,
    SeatCases,
    MovingCases,
    BatchCases,
    FactsCases,
    SearchCases,
    HoldCases,
    AccountCases,
    CalendarCases,
    AuditCases,
    ExactnessCases,
    ReferenceCases,
    RoundTripCases,
    AgreementCases,
    LifeCases,
    DurabilityCases,
    FaultCases,
    ThreadCases,
    ProcessCases,
    HistoryCases,
):
    """Every case of the store port. A subclass gives the fixture `open_store` and states its level and promises.

    The fixture's value opens the store under test and may be called more than once: each call opens the same data
    where the store is durable, and an empty store where it isn't. For cross-process and durable stores it can be
    pickled, such as a `functools.partial` of the store's class. A store whose methods are awaited promises
    `Capability.ASYNC`; the kit then awaits them. Two more fixtures are optional: `failing` and `earlier_release`.
    """
