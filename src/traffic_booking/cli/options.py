"""The options that every command takes, and how ids, points, dates and numbers are read from the command line."""

import os
import re
import sys
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from attrs import frozen
from cyclopts import Parameter
from platformdirs import user_data_path

from traffic_booking import (
    BookingDesk,
    Coordinates,
    InvalidInput,
    Language,
    PersonId,
    StoreUnavailable,
    TrafficBookingError,
    parse_date,
    person_id,
    read_catalogue,
    read_rulebooks,
)
from traffic_booking.ports.pseudonyms import Pseudonyms

DB_VARIABLE: Final = "TRAFFIC_BOOKING_DB"
KEY_VARIABLE: Final = "TRAFFIC_BOOKING_PSEUDONYM_KEY"
APPLICANT_VARIABLE: Final = "TRAFFIC_BOOKING_APPLICANT"
LANGUAGE_VARIABLE: Final = "TRAFFIC_BOOKING_LANGUAGE"

LONGEST_LINE: Final = 64
"""How much of a line on standard input is read for an id."""

_ISOLATES: Final = "\u2066\u2067\u2068\u2069\u200e\u200f"
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_ID_LIKE: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_WORD: Final = re.compile(r"[a-z]{1,12}")
_LAST_HIJRI_YEAR: Final = 1699


@Parameter(name="*")
@frozen(kw_only=True)
class Options:
    """What every command takes."""

    db: Annotated[
        str | None,
        Parameter(
            help="The store: sqlite:///PATH, postgresql://HOST/DATABASE or memory://. "
            f"Default: ${DB_VARIABLE}, else a file in your data folder."
        ),
    ] = None
    pseudonym_key: Annotated[
        tuple[Path, ...],
        Parameter(
            help="FILE with the pseudonym key of the store; while it is changed, both files, the new one first. "
            f"Default: ${KEY_VARIABLE} ({os.pathsep} between two), else none.",
            negative=(),
            show_default=False,
        ),
    ] = ()
    json: Annotated[
        bool, Parameter(help="Answer with one JSON object on standard output.", negative=(), show_default=False)
    ] = False
    language: Annotated[
        Language | None,
        Parameter(help=f"ar or en. Default: ${LANGUAGE_VARIABLE}, else the locale's, else en.", show_choices=False),
    ] = None

    @property
    def spoken(self) -> Language:
        """The language to answer in."""
        return self.language or language_of(os.environ)

    def desk(self) -> BookingDesk:
        """A desk on the store that was asked for; the default file's folder is made, for its owner alone."""
        return BookingDesk.open(self.store_url(), pseudonym_key=self.keys())

    def keys(self) -> tuple[Pseudonyms | None, ...]:
        """The pseudonym keys that were given, the newest first; None alone if there are none."""
        given = os.environ.get(KEY_VARIABLE)
        files = self.pseudonym_key or (tuple(map(Path, given.split(os.pathsep))) if given else ())
        if not files:
            return (None,)
        from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - needs the extra, for a key alone

        return tuple(map(PseudonymKey.from_file, files))

    def store_url(self) -> str:
        """The store that was asked for, or the default file."""
        _ = self.spoken  # a language that isn't one is misuse before anything is done
        return self.url or _default_url()

    @property
    def url(self) -> str | None:
        """The store that was asked for; None where none was. A path alone is misuse."""
        name, url = ("--db", self.db) if self.db else (f"${DB_VARIABLE}", os.environ.get(DB_VARIABLE))
        if url and "://" not in url:
            raise InvalidInput(name, got="a store without a scheme", expected=f"sqlite:///{url} or memory://")
        return url


@Parameter(name="*")
@frozen(kw_only=True)
class RecordOptions(Options):
    """What the commands take that look at what was decided: by which rules, and about which branches."""

    rulebook: Annotated[
        Path | None, Parameter(help="FILE.toml with the versions that decided. Default: the shipped rulebook.")
    ] = None
    catalogue: Annotated[
        Path | None, Parameter(help="The folder of the catalogue that was decided on. Default: the shipped one.")
    ] = None

    def desk(self) -> BookingDesk:
        """A desk on the store, under the rulebook and the catalogue that were asked for."""
        return BookingDesk.open(
            self.store_url(),
            pseudonym_key=self.keys(),
            catalogue=None if self.catalogue is None else read_catalogue(self.catalogue),
            rulebook=None if self.rulebook is None else read_rulebooks(self.rulebook),
        )


@Parameter(name="*")
@frozen(kw_only=True)
class CatalogueOptions(Options):
    """Options of the commands that never open a store. The options of a store are accepted, but not in their help."""

    db: Annotated[str | None, Parameter(show=False)] = None
    pseudonym_key: Annotated[tuple[Path, ...], Parameter(show=False, negative=())] = ()


Applicant = Annotated[
    str | None,
    Parameter(
        allow_leading_hyphen=True,
        help=f"The applicant's national id or iqama number; - reads it from standard input. Default: "
        f"${APPLICANT_VARIABLE}. Both keep it out of the list of processes.",
    ),
]
RequestIdText = Annotated[
    str | None,
    Parameter(help="Your name for this request; sent again, it gets the same answer. Default: a new one."),
]
Point = Annotated[
    str | None, Parameter(allow_leading_hyphen=True, help="A point, LATITUDE,LONGITUDE in decimal degrees.")
]
NumberText = Annotated[str, Parameter(help="The appointment's number, as printed on its ticket.")]


def language_of(environment: Mapping[str, str]) -> Language:
    """The language that the environment asks for; English where the locale doesn't say Arabic."""
    asked = environment.get(LANGUAGE_VARIABLE, "").lower()
    if asked not in {"", "ar", "en"}:
        got = repr(asked) if _WORD.fullmatch(asked) else "another text"
        raise InvalidInput(f"${LANGUAGE_VARIABLE}", got=got, expected="ar or en")
    for name in (LANGUAGE_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ar" if environment[name].lower().startswith("ar") else "en"
    return "en"


def as_typed(error: TrafficBookingError) -> TrafficBookingError:
    """`error`, which names an argument of the library, with the names that its value has in the shell."""
    if isinstance(error, InvalidInput) and error.field == "pseudonym_key":
        return InvalidInput(f"--pseudonym-key or ${KEY_VARIABLE}", got=error.got, expected=error.expected)
    return error


def applicant_of(typed: str | None) -> PersonId:
    """The applicant, from the option, standard input or the environment. No message holds the digits."""
    if typed == "-":
        return _person(sys.stdin.readline(LONGEST_LINE).strip(), "--applicant")
    if typed is not None:
        return _person(typed, "--applicant")
    given = os.environ.get(APPLICANT_VARIABLE)
    if given is None:
        raise InvalidInput(
            "--applicant", got="nothing", expected=f"--applicant ID, --applicant - or ${APPLICANT_VARIABLE}"
        )
    return _person(given, f"${APPLICANT_VARIABLE}")


def _person(typed: str, name: str) -> PersonId:
    try:
        return person_id(typed)
    except InvalidInput as error:
        raise InvalidInput(name, got=error.got, expected=error.expected) from error


def request_id_of(typed: str | None) -> str:
    """The request id, a new one where none was given."""
    return str(uuid4()) if typed is None else impersonal(typed, "request id")


def impersonal(typed: str, name: str) -> str:
    """`typed`, a name that is kept and shown; refused where a person's id stands in it."""
    for digits in _ID_LIKE.findall(typed):
        try:
            person_id(digits)
        except InvalidInput:
            continue
        raise InvalidInput(name, got="a name with a person id in it", expected="a name without personal data")
    return typed


def copied(typed: str) -> str:
    """`typed` without the direction marks that come along when it is copied from a ticket or a table."""
    return typed.strip().strip(_ISOLATES)


def point_of(typed: str | None) -> Coordinates | None:
    """The point in `--near`."""
    if typed is None:
        return None
    try:
        latitude, longitude = (float(part) for part in typed.split(","))
    except ValueError as error:
        raise InvalidInput(
            "near", got="text that is no point", expected="LATITUDE,LONGITUDE such as 24.69,46.72"
        ) from error
    return Coordinates(latitude, longitude)


def day_of(typed: str, name: str) -> date:
    """A date as people type it, in either calendar; `name` is the option in a message."""
    try:
        return parse_date(typed).gregorian
    except InvalidInput as error:
        raise InvalidInput(name, got=error.got, expected=error.expected) from error


def moment_of(typed: str, name: str, zone: str) -> datetime:
    """An instant: a date of either calendar, `T` and a time; in `zone` where it names no offset."""
    day, mark, clock = typed.strip().strip(_ISOLATES).partition("T")
    try:
        at = time.fromisoformat(clock)
    except ValueError as error:
        raise InvalidInput(
            name,
            got="text that is no time" if mark else "text without T between a date and a time",
            expected="YYYY-MM-DDTHH:MM, such as 2026-11-23T08:00, or 1448-06-14T08:00 in Hijri",
        ) from error
    moment = datetime.combine(day_of(day, name), at)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def month_of(typed: str) -> tuple[int, int, bool]:
    """Year, month, and whether they are Hijri: years up to 1699 are."""
    parts = _MONTH.fullmatch(typed)
    if parts is None:
        raise InvalidInput("month", got="text that is no month", expected="YYYY-MM: 2026-12, or 1448-06 for Hijri")
    year, month = int(parts[1]), int(parts[2])
    return year, month, year <= _LAST_HIJRI_YEAR


def _default_url() -> str:
    folder = user_data_path("traffic-booking", appauthor=False)
    _private(folder)
    return f"sqlite:///{folder / 'bookings.db'}"


def _private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"data folder {folder}: got {error.strerror}; expected a folder that can be made and written"
        ) from error
