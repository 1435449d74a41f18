"""Assembles desks from the shipped adapters, each imported when it is needed.

Over 400 lines: most are docstrings of the face, which has one function for each file that a host may read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Self, TypeVar, cast

from attrs import evolve as copy_with

from traffic_booking import discovery
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.parts import METHODS, DeskParts, OpeningKeywords, parts_of
from traffic_booking.domain.audit.installations import INSTALLED_PARTS, Installed, InstalledPart, PendingInstallation
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.domain.people.actors import Clerk, System
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import truth, with_methods
from traffic_booking.persistence.persons import PseudonymKeys
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import Store

if TYPE_CHECKING:  # takes time to import, and few hosts need it
    from pathlib import Path

    from traffic_booking.application.sealed_log import LogToAudit
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.bilingual import Language
    from traffic_booking.domain.inquiries.own_data import OwnData
    from traffic_booking.domain.signing.code_reading import ReadCode
    from traffic_booking.ports.schema import SchemaSteps

LONGEST_URL: Final = 4_096
KNOWN_URLS: Final = "memory://, sqlite:///PATH, postgresql://HOST/DATABASE or citus://COORDINATOR/DATABASE"
WITHOUT_READ_ONLY: Final = "a store without read_only"
MOST_CHECKPOINT_FILES: Final = 1_000
LARGEST_CHECKPOINT_FILE: Final = 2**26
"""In bytes; a checkpoint has about 220."""
SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}", re.ASCII)


P = ParamSpec("P")
DeskT = TypeVar("DeskT")
S = TypeVar("S")


def with_shipped_parts(parts: DeskParts[S]) -> DeskParts[S]:
    """`parts`, and a shipped part for each one that is absent."""
    from traffic_booking.adapters.clock import SystemClock
    from traffic_booking.adapters.numbering import RandomNumbering
    from traffic_booking.adapters.ticket_codes import CoseCodes

    shipped: Mapping[str, Callable[[], Any]] = {
        "clock": SystemClock,
        "catalogue": shipped_catalogue,
        "rulebook": shipped_rulebooks,
        "calendar": shipped_calendar,
        "numbering": RandomNumbering,
        "tickets": discovery.TicketForms,
        "codes": CoseCodes,
        "retention": shipped_retention,
    }
    given = parts_of(parts)
    return copy_with(given, **{name: make() for name, make in shipped.items() if getattr(given, name) is None})


def with_keywords(
    of: Callable[P, OpeningKeywords],
) -> Callable[[Callable[[type[DeskT], str], DeskT]], Callable[Concatenate[type[DeskT], str, P], DeskT]]:
    """Show a class method's `**parts` to type checkers as the keywords of `of`, so that these are listed once."""
    assert of is OpeningKeywords
    return lambda method: cast("Any", method)


class BookingDesk(Desk):
    """A `Desk` whose parts, all but the store, are the shipped ones unless given.

    The branches of the shipped catalogue are synthetic, and the figures of the shipped rulebook unofficial: pass your
    own. Example: `BookingDesk(DeskParts(store=MemoryStore(), catalogue=ours))`.
    """

    def __init__(self, parts: DeskParts[Store]) -> None:
        super().__init__(with_shipped_parts(parts))

    @classmethod
    @with_keywords(OpeningKeywords)
    def open(
        cls,
        url: str,
        *,
        read_only: bool = False,
        read_url: str | None = None,
        log: "str | Path | None" = None,
        installed: bool = False,
        **parts: Any,
    ) -> Self:
        """Open the store that `url` names, and return a desk over it.

        Example: `with BookingDesk.open("memory://") as desk: …`.

        Args:
            url: `memory://`, `sqlite:///PATH`, `postgresql://HOST/DATABASE`, `citus://COORDINATOR/DATABASE`, or the URL
                of an installed package's store. `sqlite:///bookings.db` is a file in the current folder,
                `sqlite:////var/lib/bookings.db` an absolute path. A `postgresql://` URL goes to libpq unchanged.
            read_only: If True, the store has to exist and is never written: verbs that change something raise
                `StoreError`. For audits.
            read_url: The address of a replica of the store, such as a standby server of PostgreSQL. Searches, month
                views and a person's list of appointments read it while it is at most 5 seconds old; their `as_of` is
                the instant as of which they are current. Everything else reads the store, and so do they if the replica
                is older or fails. Stores without replicas, such as SQLite and memory, refuse it.
            log: The folder of the store's sealed log. A store that is older than its log, such as a restored backup, is
                refused before anything is written (see `maintenance.after_restore`). Only the last leaves are read.
            installed: If True, the rulebook, the catalogue and the calendar are the installed ones unless given. So are
                those of a desk that only reads.
            parts: `clock`, `catalogue`, `rulebook`, `calendar`, `numbering`, `tickets`, `signer`, `codes`, `retention`,
                `pseudonym_key`, `observer` and `availability`, as in `DeskParts`.

        Raises:
            InvalidInput: For any other URL, if the store's ids are written under another `pseudonym_key`, and if
                `read_url` is refused or is of another store.
            NotInstalled: If another rulebook, catalogue or calendar is installed in the store (see `install`). The
                first desk on an empty store installs its own.
            MissingExtra: If a package that the store needs is not installed.
            StoreBehindLog: If the store is older than its `log`.
            StoreMisconfigured: If the server, its settings or a library are none that the store can use.
            StoreError: If the store can't be opened.
        """
        store, replica = open_store(url, read_only=read_only), None
        try:
            if log is not None:
                from traffic_booking.adapters.log_folder import LogFolder
                from traffic_booking.application._sync.behind_log import check_reached

                check_reached(store, LogFolder(log))
            if takes_installed(read_only, installed):
                from traffic_booking.persistence._sync.installations import Installations

                parts |= Installations(store).parts(absent(parts))
            if read_url is not None:
                parts["replica"] = replica = replica_of(store, url, read_url)
            desk = cls(DeskParts(store=store, read_only=read_only, **parts))
            desk.check_key()
            return desk
        except BaseException:
            if replica is not None:
                replica.close()
            store.close()
            raise

    @classmethod
    def open_to_audit(
        cls,
        url: str,
        *,
        catalogue: Catalogue | None = None,
        rulebook: Rulebook | Rulebooks | None = None,
        pseudonym_key: PseudonymKeys = None,
    ) -> Self:
        """Open a store that exists to audit it, as a role that may only read. It is never written.

        Without the store's pseudonym key everything is audited but the ids of persons. The rulebook and the catalogue
        are the installed ones unless given. Example: `with BookingDesk.open_to_audit(url) as desk: …`.

        Raises:
            TrafficBookingError: As `open`, but not for another pseudonym key.
        """
        store = open_store(url, read_only=True)
        try:
            from traffic_booking.persistence._sync.installations import Installations

            parts: dict[str, Any] = {"catalogue": catalogue, "rulebook": rulebook, "pseudonym_key": pseudonym_key}
            with suppress(StoreUnreadable):  # the audit reports the record
                parts |= Installations(store).parts(absent(parts))
            return cls(DeskParts(store=store, read_only=True, **parts))
        except BaseException:
            store.close()
            raise


def takes_installed(read_only: object, installed: object) -> bool:
    """True if a desk is to be opened with the installed parts. Raises `InvalidInput` for anything but truth values."""
    return truth(installed, "installed") or truth(read_only, "read_only")


def absent(parts: Mapping[str, object]) -> list[InstalledPart]:
    """The parts that may be installed and are not given."""
    return [name for name in INSTALLED_PARTS if parts.get(name) is None]


def open_store(url: str, *, read_only: bool = False) -> Store:
    """The store of a URL, as in `BookingDesk.open`."""
    scheme, checked = checked_url(url)
    factory = discovery.find(discovery.STORES, scheme)
    if factory is None:
        raise no_store(scheme)
    store: Store = checked_store(made_store(factory, checked, read_only=read_only), scheme)
    return store


def replica_of(store: Any, url: str, read_url: object) -> Any:
    """The replica at `read_url`. Raises `InvalidInput` for a store that has none."""
    scheme, _ = checked_url(url)
    if not all(callable(getattr(store, name, None)) for name in ("replica", "mark")):
        expected = "None: only a server that others follow has replicas, as postgresql://HOST/DATABASE"
        raise InvalidInput("read_url", got=f"one for a store of {scheme}://", expected=expected)
    as_store = f"{scheme}://, as that of the store"
    of_replica, checked = checked_url(read_url, "read_url", as_store)
    if of_replica != scheme:
        raise InvalidInput("read_url", got=f"scheme {of_replica[:20]!r}", expected=as_store)
    try:
        replica = store.replica(checked)
    except InvalidInput as error:  # it names the database's address, and the store has one too
        raise InvalidInput("read_url", got=error.got, expected=error.expected) from None
    return with_methods(replica, "replica", "read", "close")


def made_store(factory: Callable[..., Any], url: str, *, read_only: bool) -> Any:
    """The store that `factory` makes. Without `read_only` it gets the URL alone."""
    if not truth(read_only, "read_only"):
        return factory(url)
    from inspect import signature  # takes time to import, and audits alone need it

    try:
        signature(factory).bind(url, read_only=True)
    except TypeError:
        scheme = url.partition("://")[0]
        expected = "one that takes read_only: this package's can't be opened for reading alone"
        raise InvalidInput(f"store of {scheme}://", got=WITHOUT_READ_ONLY, expected=expected) from None
    except ValueError:
        pass  # one whose parameters Python can't read
    return factory(url, read_only=True)


def checked_url(url: object, name: str = "store URL", expected: str = KNOWN_URLS) -> tuple[str, str]:
    """The scheme of a store's URL, and the URL with that in small letters. Raises `InvalidInput`."""
    plain = plain_text(url, name, expected)
    scheme, separator, rest = plain.partition("://")
    if len(plain) > LONGEST_URL or "\0" in plain or not separator or not SCHEME.fullmatch(scheme):
        raise InvalidInput(name, got="something that is no URL", expected=expected)
    return scheme.lower(), f"{scheme.lower()}://{rest}"


def checked_store(store: Any, scheme: str) -> Any:
    """`store` if it has the methods of one. Raises `InvalidInput`."""
    return with_methods(store, f"store of {scheme}://", *METHODS["store"])


def no_store(scheme: str) -> InvalidInput:
    """The error for a scheme that neither the library nor an installed package opens."""
    known = KNOWN_URLS + "".join(
        f", {each}://…" for each in discovery.names(discovery.STORES) if each not in KNOWN_URLS
    )
    alone = scheme in discovery.names(discovery.ASYNC_STORES)
    hint = "open it with AsyncBookingDesk" if alone else "for another scheme, install a package that opens it"
    return InvalidInput("store URL", got=f"scheme {scheme[:20]!r}", expected=f"{known}; {hint}")


def pending_migrations(url: str) -> "SchemaSteps":
    """Return the steps that bring the store at `url` to this release's schema; change nothing.

    Example: `print(pending_migrations("sqlite:///bookings.db").script)`.

    Raises:
        InvalidInput: For `memory://`, which has no schema, for the store of another package, and for a URL of no store.
        MissingExtra: If a package that the store needs is not installed.
        StoreError: If the store can't be opened.
    """
    scheme, checked = checked_url(url)
    match scheme:
        case "sqlite":
            from traffic_booking.adapters.sqlite import path_of, pending_steps

            return pending_steps(path_of(checked))
        case "postgresql":
            from traffic_booking.adapters.postgres import pending_steps as pending_in_database

            return pending_in_database(checked)
        case "citus":
            from traffic_booking.adapters.postgres import pending_steps as pending_in_database
            from traffic_booking.adapters.postgres.opening import libpq_url

            return pending_in_database(libpq_url(checked), cluster=True)
        case _:
            kinds = "a store with a schema: sqlite:///PATH or postgresql://HOST/DATABASE"
            raise InvalidInput("store URL", got=f"scheme {scheme[:20]!r}", expected=kinds)


def migrate(url: str) -> "SchemaSteps":
    """Bring the store at `url` to this release's schema, and return the steps.

    Example: `migrate("sqlite:///bookings.db")`. Raises the errors of `pending_migrations`.
    """
    needed = pending_migrations(url)
    open_store(url).close()
    return needed


def pending_installation(
    url: str,
    *,
    rulebook: Rulebook | Rulebooks | None = None,
    catalogue: Catalogue | None = None,
    calendar: WorkingCalendar | None = None,
    installed: bool = False,
) -> PendingInstallation:
    """Return what `install` with the same arguments would change in the store at `url`; change nothing.

    Example: `pending_installation("sqlite:///bookings.db", rulebook=ours).differences`.

    Raises:
        InvalidInput: For `memory://`, for a URL of no store, and if a version of the rulebook has the name of one that
            was installed with other figures.
        StoreError: If the store can't be opened.
    """
    given = {"rulebook": rulebook, "catalogue": catalogue, "calendar": calendar}
    with _desk_with(lasting(url), given, installed=installed, read_only=True) as desk:
        return desk.maintenance.pending_installation()


def install(
    url: str,
    *,
    by: Clerk | System,
    reason: str,
    rulebook: Rulebook | Rulebooks | None = None,
    catalogue: Catalogue | None = None,
    calendar: WorkingCalendar | None = None,
    installed: bool = False,
    clock: Clock | None = None,
) -> Installed:
    """Install a rulebook, a catalogue and a calendar in the store at `url`; return the installation in effect.

    The arguments are those with which desks are opened from then on: a part that is not given is the shipped one, or
    stays as it is with `installed=True`. Desks that are open go on with the parts that they were opened with.
    Example: `install("sqlite:///bookings.db", rulebook=ours, by=Clerk("rules-office"), reason="Circular 12")`.

    Raises:
        InvalidInput: As `pending_installation`, and as `desk.maintenance.install`.
        StoreError: If the store can't be opened.
    """
    given = {"rulebook": rulebook, "catalogue": catalogue, "calendar": calendar, "clock": clock}
    with _desk_with(lasting(url), given, installed=installed) as desk:
        return desk.maintenance.install(by=by, reason=reason)


def lasting(url: str) -> str:
    """`url` if its store outlives the call. Raises `InvalidInput` for `memory://`."""
    if checked_url(url)[0] == "memory":
        kinds = "a store that is kept, such as sqlite:///PATH or postgresql://HOST/DATABASE"
        raise InvalidInput("store URL", got="scheme 'memory'", expected=kinds)
    return url


def _desk_with(url: str, parts: dict[str, Any], *, installed: bool, read_only: bool = False) -> BookingDesk:
    """A desk whose parts are not compared with the installed ones."""
    store = open_store(url, read_only=read_only)
    try:
        if truth(installed, "installed"):
            from traffic_booking.persistence._sync.installations import Installations

            parts |= Installations(store).parts(absent(parts))
        return BookingDesk(DeskParts(store=store, read_only=read_only, **parts))
    except BaseException:
        store.close()
        raise


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


def read_calendar(
    file: "Path | None" = None, *, profile: str | None = None, announcements: "Path | None" = None
) -> WorkingCalendar:
    """Return the working calendar in a TOML file, or the shipped one, with announcements and orders of a second file.

    `profile` is the id of a set of holidays; the file has a default. An entry of `announcements` replaces one with the
    same id or for the same month. Example: `read_calendar(announcements=Path("our-data", "announcements.toml"))`.

    Raises:
        InvalidCatalogue: A file has faults; the error has all of them.
        NotFound: The file has no such profile.
    """
    from traffic_booking.adapters.data_files import load_working_calendar

    return load_working_calendar(file, profile=profile, announcements=announcements)


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


def own_data_page(own: "OwnData", language: "Language", *, catalogue: Catalogue) -> "Document":
    """Return a person's own data as a page (HTML) to read, to print or to hand over; it loads and runs nothing.

    `language` is `ar` (right to left) or `en`. `catalogue` names the branches and services; without a name there, the
    id is shown. Example: `own_data_page(desk.maintenance.own_data(me, by=me), "ar", catalogue=desk.catalogue).content`.

    Raises:
        InvalidInput: `own` is no `OwnData`, `catalogue` is no `Catalogue`, or the language is another one.
    """
    from traffic_booking.adapters.own_data_page import page_of

    return page_of(own, catalogue, language)


def read_ticket_code(text: str, public_keys: Sequence[bytes]) -> "ReadCode":
    """Return what the code of a ticket states, or a typed number, or the fault of the text. It needs no desk.

    `public_keys` (at most 64) are those of the desk's signer, such as `read_public_keys("tickets.key.pub")` returns.
    The claims may be out of date: compare them with `RevokedTickets`.
    Example: `read_ticket_code(scanned, public_keys)`.

    Raises:
        InvalidInput: `text` is no text, or a key is malformed.
        MissingExtra: The extra `tickets` is not installed.
    """
    from traffic_booking.adapters.ticket_codes import CoseCodes

    return CoseCodes().read(text, public_keys)


def read_log(path: "str | Path", *, key: "str | Path", checkpoints: "Sequence[str | Path]" = ()) -> "LogToAudit":
    """Return the sealed log in a folder, for `desk.audit.verify`, which verifies it. No file is changed.

    Example: `desk.audit.verify(log=read_log("log", key="log.key.pub"))`.

    Args:
        path: the folder.
        key: the file with the public keys that may have signed it, such as `log.key.pub`.
        checkpoints: at most 1,000 files with one or more checkpoints each that were kept elsewhere, as by a witness.

    Raises:
        InvalidInput: There is no such folder or file, or the file has no public keys.
        MissingExtra: The extra `tickets` is not installed.
    """
    from traffic_booking.adapters.log_folder import LogFolder
    from traffic_booking.adapters.signing_keys import read_public_keys, verifies
    from traffic_booking.application.sealed_log import LogToAudit
    from traffic_booking.domain.sealing.notes import split_notes
    from traffic_booking.domain.value_input import bounded_list
    from traffic_booking.persistence.private_files import read_file

    files, keys = LogFolder(path), read_public_keys(key)
    kept = list[bytes]()
    for each in bounded_list(checkpoints, "checkpoints", most=MOST_CHECKPOINT_FILES):
        expected = "a file with a signed checkpoint"
        content = read_file(each, "checkpoint", expected, longest=LARGEST_CHECKPOINT_FILE, private=False)
        kept += split_notes(content)[0] or [content]
    return LogToAudit(files=files, public_keys=keys, verify=verifies, kept=tuple(kept))
