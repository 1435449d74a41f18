"""A desk over a memory store, with a clock that can be moved and a rulebook whose figures can be set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from tests.calendars import PLAIN
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import Catalogue, DeskParts
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.ticket_codes import CoseCodes
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.store import Store
from traffic_booking.ports.tickets import TicketRenderer
from traffic_booking.testing import MovableClock


def open_desk(
    catalogue: Catalogue | None = None,
    *,
    start: datetime = START,
    store: Store | None = None,
    horizon_days: int = 60,
    calendar: WorkingCalendar = PLAIN,
    clock: Clock | None = None,
    rulebook: Rulebook | Rulebooks | None = None,
    pseudonym_key: PseudonymKeys = None,
    tickets: Mapping[str, TicketRenderer] | None = None,
    numbering: Numbering | None = None,
    availability: Literal["index"] | None = None,
) -> Desk:
    """A desk at the small town, at `start`; it has no ticket forms unless some are given."""
    return Desk(
        DeskParts(
            availability=availability,
            store=store or MemoryStore(),
            clock=clock or MovableClock(start),
            catalogue=catalogue or small_catalogue(),
            rulebook=rulebook or small_rulebook(BK_04={"days": horizon_days}),
            calendar=calendar,
            numbering=numbering or RandomNumbering(),
            tickets=tickets or {},
            pseudonym_key=pseudonym_key,
            retention=RETENTION,
            codes=CoseCodes(),
        )
    )
