"""The options that commands share: the store, its key, the language and the form of the answer."""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from attrs import frozen
from cyclopts import Parameter
from platformdirs import user_data_path

import traffic_booking as tb
from traffic_booking.cli.languages import LANGUAGE_VARIABLE, language_of
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.ports.signer import Signer

DB_VARIABLE: Final = "TRAFFIC_BOOKING_DB"
KEY_VARIABLE: Final = "TRAFFIC_BOOKING_PSEUDONYM_KEY"
SIGNING_VARIABLE: Final = "TRAFFIC_BOOKING_SIGNING_KEY"
APPLICANT_VARIABLE: Final = "TRAFFIC_BOOKING_APPLICANT"

Flag = Annotated[bool, Parameter(negative=(), show_default=False)]
Confirm = Annotated[Flag, Parameter(help="Confirm it.")]
ServiceText = Annotated[str, Parameter(help="The service (an id of `services`).")]
BranchText = Annotated[str, Parameter(help="The branch (an id of `branches`).")]
MonthText = Annotated[
    str, Parameter(help='YYYY-MM, or a name with its year: 2026-12, 1448-06, "December 2026" or "رمضان 1448".')
]
Applicant = Annotated[
    str | None,
    Parameter(
        allow_leading_hyphen=True,
        help="The applicant's national id or iqama number; - reads it from standard input. "
        f"Default: ${APPLICANT_VARIABLE}. Both keep the number out of the list of processes.",
    ),
]
ClerkText = Annotated[str, Parameter(help="The clerk who does this: a name of lower-case letters, digits and hyphens.")]
RequestIdText = Annotated[
    str | None,
    Parameter(help="Your name for this request. The same request gets the same answer. Default: a new name."),
]
Point = Annotated[
    str | None, Parameter(allow_leading_hyphen=True, help="A point, LATITUDE,LONGITUDE in decimal degrees.")
]
ReadingClerk = Annotated[
    str | None,
    Parameter(help="A clerk who reads, in place of the applicant: a name of lower-case letters, digits and hyphens."),
]
ReadingAuditor = Annotated[
    str | None,
    Parameter(
        help="An auditor who reads, in place of the applicant: a name of lower-case letters, digits and hyphens. "
        "The log keeps the question."
    ),
]
SigningKey = Annotated[
    Path | None,
    Parameter(
        name="--sign-with",
        help=f"FILE with the private key that signs the code. Default: ${SIGNING_VARIABLE}, else none.",
    ),
]
TicketLanguage = Annotated[
    Literal["ar", "en", "both"] | None,
    Parameter(help="ar, en or both. Default: the language of the answer.", show_choices=False),
]
TicketForm = Literal["text", "html", "pdf", "ics", "qr-png", "qr-svg"]
NumberText = Annotated[str, Parameter(help="The appointment's number, as printed on its ticket.")]


@Parameter(name="*")
@frozen(kw_only=True)
class Options:
    """The options of every command."""

    db: Annotated[
        str | None,
        Parameter(
            help="The store: sqlite:///PATH, postgresql://HOST/DATABASE, citus://COORDINATOR/DATABASE or memory://. "
            f"Default: ${DB_VARIABLE}, else a file in your data folder."
        ),
    ] = None
    pseudonym_key: Annotated[
        tuple[Path, ...],
        Parameter(
            help="FILE with the pseudonym key of the store. While the key is changed: both files, the new one first. "
            f"Default: ${KEY_VARIABLE} ({os.pathsep} between two), else none.",
            negative=(),
            show_default=False,
        ),
    ] = ()
    json: Annotated[Flag, Parameter(help="Answer with one JSON object on standard output.")] = False
    language: Annotated[
        tb.Language | None,
        Parameter(help=f"ar or en. Default: ${LANGUAGE_VARIABLE}, else the locale's, else en.", show_choices=False),
    ] = None

    @property
    def output_language(self) -> tb.Language:
        """The language to answer in."""
        return self.language or language_of(os.environ)

    def desk(self, *, read_only: bool = False, signer: Signer | None = None) -> tb.BookingDesk:
        """A desk on the store."""
        return tb.BookingDesk.open(
            self.store_url(read_only=read_only),
            read_only=read_only,
            installed=True,
            pseudonym_key=self.keys(),
            signer=signer,
        )

    def keys(self) -> tuple[Pseudonyms | None, ...]:
        """The pseudonym keys, the newest first; `None` alone if there are none."""
        given = os.environ.get(KEY_VARIABLE)
        files = self.pseudonym_key or (tuple(map(Path, given.split(os.pathsep))) if given else ())
        if not files:
            return (None,)
        from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - needs the extra, for a key alone

        return tuple(map(PseudonymKey.from_file, files))

    def store_url(self, *, read_only: bool = False) -> str:
        """The store's URL. The folder of the default file is created, for its owner alone, unless it is only read."""
        _ = self.output_language  # an unknown language is misuse before anything is done
        if self.url:
            return self.url
        folder = user_data_path("traffic-booking", appauthor=False)
        try:
            if not read_only:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise tb.StoreUnavailable(
                f"data folder {folder}: got {error.strerror}; expected a folder that can be made and written"
            ) from error
        return f"sqlite:///{folder / 'bookings.db'}"

    @property
    def url(self) -> str | None:
        """The URL from the option or the environment, if there is one. A path alone is misuse."""
        name, url = ("--db", self.db) if self.db else (f"${DB_VARIABLE}", os.environ.get(DB_VARIABLE))
        if url and "://" not in url:
            raise tb.InvalidInput(name, got="a store without a scheme", expected=f"sqlite:///{url} or memory://")
        return url


@Parameter(name="*")
@frozen(kw_only=True)
class RecordOptions(Options):
    """Options of the commands that check recorded decisions: the rulebook and the catalogue behind them."""

    rulebook: Annotated[
        Path | None, Parameter(help="FILE.toml with the versions that decided. Default: the installed ones.")
    ] = None
    catalogue: Annotated[
        Path | None, Parameter(help="The folder of the catalogue at the time. Default: the installed one.")
    ] = None

    def desk(self, *, read_only: bool = True, signer: Signer | None = None) -> tb.BookingDesk:
        """A desk on the store, with this rulebook and catalogue, or the installed ones. Audits change nothing."""
        return tb.BookingDesk.open(
            self.store_url(read_only=read_only),
            read_only=read_only,
            installed=True,
            pseudonym_key=self.keys(),
            signer=signer,
            catalogue=None if self.catalogue is None else tb.read_catalogue(self.catalogue),
            rulebook=None if self.rulebook is None else tb.read_rulebooks(self.rulebook),
        )

    def audited_desk(self) -> tb.BookingDesk:
        """A desk to audit the store with. Of a store with a pseudonym key that is not given, ids are not compared."""
        return tb.BookingDesk.open_to_audit(
            self.store_url(read_only=True),
            pseudonym_key=self.keys(),
            catalogue=None if self.catalogue is None else tb.read_catalogue(self.catalogue),
            rulebook=None if self.rulebook is None else tb.read_rulebooks(self.rulebook),
        )


@Parameter(name="*")
@frozen(kw_only=True)
class CatalogueOptions(Options):
    """Options of the commands that never open a store: they accept the options of a store, but the help omits them."""

    db: Annotated[str | None, Parameter(show=False)] = None
    pseudonym_key: Annotated[tuple[Path, ...], Parameter(show=False, negative=())] = ()


DEFAULTS: Final = Options()
RECORD_DEFAULTS: Final = RecordOptions()
CATALOGUE_DEFAULTS: Final = CatalogueOptions()


def signer_of(file: Path | None) -> Signer | None:
    """The signer of the option or of the environment, None if there is neither."""
    given = file or os.environ.get(SIGNING_VARIABLE)
    if not given:
        return None
    from traffic_booking.adapters.signing_keys import SigningKeys  # noqa: PLC0415 - needs the extra, for a key alone

    return SigningKeys.open(given)


def as_typed(error: tb.TrafficBookingError) -> tb.TrafficBookingError:
    """The error with the names of the shell, if it names an argument of the library."""
    if isinstance(error, tb.InvalidInput) and error.field == "pseudonym_key":
        return tb.InvalidInput(f"--pseudonym-key or ${KEY_VARIABLE}", got=error.got, expected=error.expected)
    return error
