"""The parts of a desk, in one list: the keywords of `BookingDesk.open` are made of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import field

from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import is_a, is_whole, truth, with_methods
from traffic_booking.domain.values import frozen
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.async_replicas import AsyncReplica
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.observer import Observer
from traffic_booking.ports.replicas import Replica
from traffic_booking.ports.signer import Signer
from traffic_booking.ports.ticket_codes import TicketCodes
from traffic_booking.ports.tickets import TicketRenderer

S_co = TypeVar("S_co", covariant=True)


@frozen(kw_only=True, eq=False)
class ReplaceableParts:
    """Each part of a desk but the store. None is the part that ships with the library."""

    clock: Clock | None = None
    """The operating system's, unless given."""

    catalogue: Catalogue | None = field(default=None, repr=False)
    """`shipped_catalogue()` unless given."""

    rulebook: Rulebook | Rulebooks | None = field(default=None, repr=False)
    """`shipped_rulebooks()` unless given."""

    calendar: WorkingCalendar | None = field(default=None, repr=False)
    """`shipped_calendar()` unless given."""

    numbering: Numbering | None = None
    """Random numbers unless given."""

    tickets: Mapping[str, TicketRenderer] | None = None
    """A renderer for each form of ticket; the shipped and the installed ones unless given."""

    signer: Signer | None = field(default=None, repr=False)
    """Signs the codes of tickets. Without one, a code is the bare number, unsigned."""

    codes: TicketCodes | None = None
    """Writes and reads the codes of tickets; COSE in Base45 unless given."""

    retention: Retention | None = None
    """`shipped_retention()` unless given."""

    pseudonym_key: PseudonymKeys = field(default=None, repr=False)
    """The key under which the ids of persons are written, or several while it is changed. None writes ids in clear."""

    observer: Observer | None = None
    """Receives measurements of the desk, such as durations. None measures nothing."""

    availability: Literal["index"] | None = None
    """`"index"` keeps an availability index in memory, which answers searches. None searches the store."""


@frozen(kw_only=True, eq=False)
class OpeningKeywords(ReplaceableParts):
    """The keywords of `BookingDesk.open`."""

    read_only: bool = False
    """True to never write the store, which has to exist."""

    read_url: str | None = None
    """The address of a replica of the store, which answers searches and lists while it is at most 5 seconds old."""

    log: str | Path | None = None
    """The folder of the store's sealed log: a store that is older than its log is refused."""

    installed: bool = False
    """True to take the rulebook, the catalogue and the calendar, if they are not given, as the store has installed
    them. A desk that only reads always does."""


@frozen(kw_only=True, eq=False)
class DeskParts(ReplaceableParts, Generic[S_co]):
    """The parts of a desk: the store, and whatever replaces a part that ships with the library.

    Example: `BookingDesk(DeskParts(store=MemoryStore(), catalogue=ours))`.
    """

    store: S_co
    replica: AsyncReplica | Replica | None = field(default=None, repr=False)
    """Answers searches and lists instead of the store while it is at most 5 seconds old."""

    read_only: bool = False
    """True to never write the store. The parts of the desk may then differ from the installed ones."""


VALUES: Final[Mapping[str, tuple[type, ...]]] = {
    "catalogue": (Catalogue,),
    "rulebook": (Rulebook, Rulebooks),
    "calendar": (WorkingCalendar,),
    "retention": (Retention,),
}
"""The classes of the parts that are values."""
METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    "store": ("commit", "read", "feed", "close"),
    "clock": ("now",),
    "numbering": ("draw",),
    "observer": ("seconds", "observe"),
    "signer": ("sign",),
    "codes": ("write", "read"),
}
"""The methods of the parts that do something."""

INDEX_OR_NONE: Final = "'index', or None to search the store"


def required(parts: DeskParts[Any], name: str) -> Any:
    """The part of that name. Raises `InvalidInput` if it is None: only `BookingDesk` has the shipped parts."""
    part = getattr(parts, name)
    if part is None:
        raise InvalidInput(name, got="None", expected="a part of the desk; BookingDesk has one for each that is absent")
    return part


def parts_of(given: object) -> DeskParts[Any]:
    """`given` if it is the parts of a desk, each of its kind. Raises `InvalidInput`."""
    if not is_a(given, DeskParts) or not is_whole(given):
        raise InvalidInput("parts", got=type(given).__name__, expected="DeskParts(store=…)")
    truth(given.read_only, "read_only")
    for name, kinds in VALUES.items():
        part = getattr(given, name)
        if part is not None and not (issubclass(type(part), kinds) and is_whole(part)):
            expected = f"a {' or '.join(kind.__name__ for kind in kinds)} that its constructor made"
            raise InvalidInput(name, got=type(part).__name__, expected=expected)
    for name, methods in METHODS.items():
        if name == "store" or getattr(given, name) is not None:
            with_methods(getattr(given, name), name, *methods)
    if given.replica is not None:
        with_methods(given.replica, "replica", "read", "close")
        with_methods(given.store, "store with replicas", "mark")
    if given.availability is not None:
        availability = plain_text(given.availability, "availability", INDEX_OR_NONE)
        if availability != "index":
            raise InvalidInput("availability", got=repr(availability[:50]), expected=INDEX_OR_NONE)
    if given.tickets is not None and not issubclass(type(given.tickets), Mapping):
        raise InvalidInput("tickets", got=type(given.tickets).__name__, expected="a renderer for each form of ticket")
    return given
