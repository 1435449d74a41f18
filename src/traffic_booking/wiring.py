"""Where the parts are put together: the one place that knows the shipped adapters, each imported when asked for."""

from asyncio import to_thread
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.desk import AsyncDesk
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.numbering import Numbering
from traffic_booking.ports.schema import SchemaSteps
from traffic_booking.ports.store import Store
from traffic_booking.ports.tickets import TicketRenderer

LONGEST_URL = 4_096


class BookingDesk(Desk):
    """A `Desk` whose parts, all but the store, are the shipped ones unless given.

    The shipped catalogue has synthetic branches, and the shipped rulebook unofficial figures: pass your own.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        calendar: WorkingCalendar | None = None,
        numbering: Numbering | None = None,
        tickets: Mapping[str, TicketRenderer] | None = None,
        retention: Retention | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        super().__init__(
            store=store,
            clock=_system_clock() if clock is None else clock,
            catalogue=shipped_catalogue() if catalogue is None else catalogue,
            rulebook=shipped_rulebooks() if rulebook is None else rulebook,
            calendar=shipped_calendar() if calendar is None else calendar,
            numbering=_random_numbering() if numbering is None else numbering,
            tickets=_shipped_tickets() if tickets is None else tickets,
            retention=shipped_retention() if retention is None else retention,
            pseudonym_key=pseudonym_key,
        )

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        calendar: WorkingCalendar | None = None,
        numbering: Numbering | None = None,
        tickets: Mapping[str, TicketRenderer] | None = None,
        retention: Retention | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> Self:
        """A desk over the store that `url` names: `memory://`, `sqlite:///PATH` or `postgresql://HOST/DATABASE`.

        Two slashes and a path follow the scheme: `sqlite:///bookings.db` is a file in the current folder,
        `sqlite:////var/lib/bookings.db` an absolute one. A `postgresql://` URL goes to libpq as it is. Raises
        `InvalidInput` for any other URL, `MissingExtra` if what the store needs is not installed, `StoreError` if it
        can't be opened.

        `pseudonym_key` keeps the ids of persons apart (see `docs/how-to/keep-ids-apart.md`). Raises `InvalidInput` if
        the store's ids are written with another key, or with one although none was given.
        """
        store = open_store(url)
        try:
            desk = cls(
                store=store,
                clock=clock,
                catalogue=catalogue,
                rulebook=rulebook,
                calendar=calendar,
                numbering=numbering,
                tickets=tickets,
                retention=retention,
                pseudonym_key=pseudonym_key,
            )
            desk.check_key()
            return desk
        except BaseException:
            store.close()
            raise


class AsyncBookingDesk(AsyncDesk):
    """An `AsyncDesk` whose parts, all but the store, are the shipped ones unless given, as in `BookingDesk`."""

    def __init__(
        self,
        *,
        store: AsyncStore,
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        calendar: WorkingCalendar | None = None,
        numbering: Numbering | None = None,
        tickets: Mapping[str, TicketRenderer] | None = None,
        retention: Retention | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> None:
        super().__init__(
            store=store,
            clock=_system_clock() if clock is None else clock,
            catalogue=shipped_catalogue() if catalogue is None else catalogue,
            rulebook=shipped_rulebooks() if rulebook is None else rulebook,
            calendar=shipped_calendar() if calendar is None else calendar,
            numbering=_random_numbering() if numbering is None else numbering,
            tickets=_shipped_tickets() if tickets is None else tickets,
            retention=shipped_retention() if retention is None else retention,
            pseudonym_key=pseudonym_key,
        )

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        clock: Clock | None = None,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        calendar: WorkingCalendar | None = None,
        numbering: Numbering | None = None,
        tickets: Mapping[str, TicketRenderer] | None = None,
        retention: Retention | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> Self:
        """A desk over the store that `url` names, as `BookingDesk.open` says; the event loop goes on meanwhile.

        A PostgreSQL store is awaited by nature; for any other, each call is made in a thread of the store's own.
        """
        store = await open_async_store(url)
        try:
            desk = cls(
                store=store,
                clock=clock,
                catalogue=catalogue,
                rulebook=rulebook,
                calendar=calendar,
                numbering=numbering,
                tickets=tickets,
                retention=retention,
                pseudonym_key=pseudonym_key,
            )
            await desk.check_key()
            return desk
        except BaseException:
            await store.close()
            raise


async def open_async_store(url: str) -> AsyncStore:
    """The store that `url` names, its methods awaited, as `AsyncBookingDesk.open` says."""
    from traffic_booking.adapters.threaded import ThreadedStore

    scheme, _, rest = url.partition("://")
    if scheme.lower() == "postgresql" and len(url) <= LONGEST_URL and "\0" not in url:
        from traffic_booking.adapters.postgres import AsyncPostgresStore

        return await to_thread(AsyncPostgresStore, f"postgresql://{rest}")
    return ThreadedStore(await to_thread(open_store, url))


def open_store(url: str) -> Store:
    """The store that `url` names, as `BookingDesk.open` says."""
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


def pending_migrations(url: str) -> SchemaSteps:
    """What the store that `url` names still needs. Raises as `BookingDesk.open`, and `InvalidInput` for `memory://`."""
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


def migrate(url: str) -> SchemaSteps:
    """Bring the store that `url` names to this release's schema, and return what that took; raises as the above."""
    needed = pending_migrations(url)
    open_store(url).close()
    return needed


def shipped_catalogue() -> Catalogue:
    """The catalogue that ships with the library: real places, synthetic branches, unofficial timetables."""
    from traffic_booking.adapters.data_files import load_catalogue

    return load_catalogue()


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue of the five TOML files in a folder. Raises `InvalidCatalogue` with every fault."""
    from traffic_booking.adapters.data_files import load_catalogue

    return load_catalogue(folder)


def shipped_rulebook() -> Rulebook:
    """The last version of the rulebook that ships with the library, every figure unofficial."""
    return shipped_rulebooks().versions[-1]


def shipped_rulebooks() -> Rulebooks:
    """The versions of the rulebook that ship with the library, each in its time."""
    from traffic_booking.adapters.data_files import load_rulebooks

    return load_rulebooks()


def read_rulebooks(file: Path) -> Rulebooks:
    """The versions of the rulebook in a TOML file. Raises `InvalidCatalogue` with every fault."""
    from traffic_booking.adapters.data_files import load_rulebooks

    return load_rulebooks(file)


def shipped_calendar() -> WorkingCalendar:
    """The working calendar that ships with the library: whose holidays branches follow is this project's choice."""
    from traffic_booking.adapters.data_files import load_working_calendar

    return load_working_calendar()


def shipped_retention() -> Retention:
    """The periods of retention that ship with the library, every figure unofficial."""
    from traffic_booking.adapters.data_files import shipped_retention as shipped

    return shipped()


def read_retention(file: Path) -> Retention:
    """The periods of retention in a TOML file. Raises `InvalidCatalogue` with every fault."""
    from traffic_booking.adapters.data_files import read_retention as read

    return read(file)


def _system_clock() -> Clock:
    from traffic_booking.adapters.clock import SystemClock

    return SystemClock()


def _random_numbering() -> Numbering:
    from traffic_booking.adapters.numbering import RandomNumbering

    return RandomNumbering()


def _shipped_tickets() -> Mapping[str, TicketRenderer]:
    from traffic_booking.adapters.tickets import HtmlTicket, TextTicket

    return {"text": TextTicket(), "html": HtmlTicket()}
