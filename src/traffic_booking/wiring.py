"""Assembles desks from the shipped adapters, each imported when it is needed."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, Unpack

from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.store import Store
from traffic_booking.ports.tickets import TicketRenderer

if TYPE_CHECKING:  # takes time to import, and few hosts need it
    from pathlib import Path

    from traffic_booking.ports.schema import SchemaSteps

LONGEST_URL: Final = 4_096


class DeskParts(TypedDict, total=False):
    """The keywords of `BookingDesk` and its `open`: each part of a desk but the store. None is the same as absent."""

    clock: Clock | None
    """The operating system's, unless given."""

    catalogue: Catalogue | None
    """`shipped_catalogue()` unless given."""

    rulebook: Rulebook | Rulebooks | None
    """`shipped_rulebooks()` unless given."""

    calendar: WorkingCalendar | None
    """`shipped_calendar()` unless given."""

    numbering: Numbering | None
    """Random numbers unless given."""

    tickets: Mapping[str, TicketRenderer] | None
    """A renderer for each form of ticket; `text` and `html` unless given."""

    retention: Retention | None
    """`shipped_retention()` unless given."""

    pseudonym_key: PseudonymKeys
    """The key under which the ids of persons are written, or several while it is changed. None writes ids in clear."""


def with_shipped_parts(parts: DeskParts) -> dict[str, Any]:
    """The keywords of a desk: `parts`, and a shipped part for each one that is absent."""
    from traffic_booking.adapters.clock import SystemClock
    from traffic_booking.adapters.numbering import RandomNumbering
    from traffic_booking.adapters.tickets import HtmlTicket, TextTicket

    shipped: Mapping[str, Callable[[], object]] = {
        "clock": SystemClock,
        "catalogue": shipped_catalogue,
        "rulebook": shipped_rulebooks,
        "calendar": shipped_calendar,
        "numbering": RandomNumbering,
        "tickets": lambda: {"text": TextTicket(), "html": HtmlTicket()},
        "retention": shipped_retention,
    }
    given = {name: part for name, part in parts.items() if part is not None}
    return given | {name: make() for name, make in shipped.items() if name not in given}


class BookingDesk(Desk):
    """A `Desk` whose parts, all but the store, are the shipped ones unless given.

    The parts are `clock`, `catalogue`, `rulebook`, `calendar`, `numbering`, `tickets`, `retention` and `pseudonym_key`
    (see `DeskParts`). The branches of the shipped catalogue are synthetic, and the figures of the shipped rulebook
    unofficial: pass your own.
    """

    def __init__(self, *, store: Store, **parts: Unpack[DeskParts]) -> None:
        super().__init__(store=store, **with_shipped_parts(parts))

    @classmethod
    def open(cls, url: str, **parts: Unpack[DeskParts]) -> Self:
        """Open the store that `url` names, and return a desk over it.

        Example: `with BookingDesk.open("memory://") as desk: …`.

        Args:
            url: `memory://`, `sqlite:///PATH` or `postgresql://HOST/DATABASE`. `sqlite:///bookings.db` is a file in the
                current folder, `sqlite:////var/lib/bookings.db` an absolute path. A `postgresql://` URL goes to libpq
                unchanged.
            parts: As for the class.

        Raises:
            InvalidInput: For any other URL, and if the store's ids are written under another `pseudonym_key`.
            MissingExtra: If a package that the store needs is not installed.
            StoreError: If the store can't be opened.
        """
        store = open_store(url)
        try:
            desk = cls(store=store, **parts)
            desk.check_key()
            return desk
        except BaseException:
            store.close()
            raise


def open_store(url: str) -> Store:
    """The store of a URL, as in `BookingDesk.open`."""
    expected = "memory://, sqlite:///PATH or postgresql://HOST/DATABASE"
    if len(url) > LONGEST_URL or "\0" in url:
        raise InvalidInput("store URL", got="something that is no URL", expected=expected)
    scheme, separator, rest = url.partition("://")
    match scheme.lower(), separator, rest:
        case "memory", "://", "":
            from traffic_booking.adapters.memory import MemoryStore

            return MemoryStore()
        case "sqlite", "://", path if path.startswith("/") and len(path) > 1:
            from traffic_booking.adapters.sqlite import SqliteStore

            return SqliteStore(path[1:])
        case "postgresql", "://", _:
            from traffic_booking.adapters.postgres import PostgresStore

            return PostgresStore(f"postgresql://{rest}")
        case _:
            raise InvalidInput("store URL", got=f"scheme {scheme[:20]!r}", expected=expected)


def pending_migrations(url: str) -> "SchemaSteps":
    """Return the steps that bring the store at `url` to this release's schema; change nothing.

    Example: `print(pending_migrations("sqlite:///bookings.db").script)`.

    Raises:
        InvalidInput: For `memory://`, which has no schema, and for a URL of no store.
        MissingExtra: If a package that the store needs is not installed.
        StoreError: If the store can't be opened.
    """
    scheme, _, rest = url.partition("://")
    match scheme.lower():
        case "sqlite" if rest.startswith("/") and len(rest) > 1 and len(url) <= LONGEST_URL:
            from traffic_booking.adapters.sqlite import pending_steps

            return pending_steps(rest[1:])
        case "postgresql" if len(url) <= LONGEST_URL:
            from traffic_booking.adapters.postgres import pending_steps as pending_in_database

            return pending_in_database(url)
        case _:
            kinds = "sqlite:///PATH or postgresql://HOST/DATABASE"
            raise InvalidInput("store URL", got=f"scheme {scheme[:20]!r}", expected=f"a store with a schema: {kinds}")


def migrate(url: str) -> "SchemaSteps":
    """Bring the store at `url` to this release's schema, and return the steps.

    Example: `migrate("sqlite:///bookings.db")`. Raises the errors of `pending_migrations`.
    """
    needed = pending_migrations(url)
    open_store(url).close()
    return needed


def shipped_catalogue() -> Catalogue:
    """The shipped catalogue: real places, synthetic branches, unofficial timetables."""
    from traffic_booking.adapters.data_files import load_catalogue

    return load_catalogue()


def read_catalogue(folder: "Path") -> Catalogue:
    """Return the catalogue of the five TOML files in a folder. Example: `read_catalogue(Path("our-data"))`.

    Raises:
        InvalidCatalogue: The files have faults; the error has all of them.
    """
    from traffic_booking.adapters.data_files import load_catalogue

    return load_catalogue(folder)


def shipped_rulebook() -> Rulebook:
    """The last version of the shipped rulebook; every figure is unofficial."""
    return shipped_rulebooks().versions[-1]


def shipped_rulebooks() -> Rulebooks:
    """The versions of the rulebook that ship with the library."""
    from traffic_booking.adapters.data_files import load_rulebooks

    return load_rulebooks()


def read_rulebooks(file: "Path") -> Rulebooks:
    """Return the versions of the rulebook in a TOML file. Example: `read_rulebooks(Path("our-data", "rulebook.toml"))`.

    Raises:
        InvalidCatalogue: The file has faults; the error has all of them.
    """
    from traffic_booking.adapters.data_files import load_rulebooks

    return load_rulebooks(file)


def shipped_calendar() -> WorkingCalendar:
    """The working calendar that ships with the library; this project chose the holidays that branches follow."""
    from traffic_booking.adapters.data_files import load_working_calendar

    return load_working_calendar()


def shipped_retention() -> Retention:
    """The shipped periods of retention; every figure is unofficial."""
    from traffic_booking.adapters.data_files import shipped_retention as shipped

    return shipped()


def read_retention(file: "Path") -> Retention:
    """Return the periods of retention in a TOML file. Example: `read_retention(Path("our-data", "retention.toml"))`.

    Raises:
        InvalidCatalogue: The file has faults; the error has all of them.
    """
    from traffic_booking.adapters.data_files import read_retention as read

    return read(file)
