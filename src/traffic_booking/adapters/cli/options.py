"""The options that every command takes, and how ids, points, dates and numbers are read from the command line."""

import os
import re
import sys
from collections.abc import Mapping
from datetime import date, datetime
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
    parse_date,
    person_id,
)

DB_VARIABLE: Final = "TRAFFIC_BOOKING_DB"
APPLICANT_VARIABLE: Final = "TRAFFIC_BOOKING_APPLICANT"
LANGUAGE_VARIABLE: Final = "TRAFFIC_BOOKING_LANGUAGE"

LONGEST_LINE: Final = 64
"""How much of a line on standard input is read for an id."""

_ISOLATES: Final = "\u2066\u2067\u2068\u2069\u200e\u200f"
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_ID_LIKE: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_LAST_HIJRI_YEAR: Final = 1699


@Parameter(name="*")
@frozen(kw_only=True)
class Options:
    """What every command takes."""

    db: Annotated[
        str | None,
        Parameter(
            help=f"The store: sqlite:///PATH or memory://. Default: ${DB_VARIABLE}, else a file in your data folder."
        ),
    ] = None
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
        url = self.db or os.environ.get(DB_VARIABLE)
        return BookingDesk.open(url or _default_url())


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
    """The language that the environment asks for; English where it doesn't say Arabic."""
    for name in (LANGUAGE_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "ar" if environment[name].lower().startswith("ar") else "en"
    return "en"


def applicant_of(typed: str | None) -> PersonId:
    """The applicant, from the option, standard input or the environment. No message holds the digits."""
    if typed == "-":
        return person_id(sys.stdin.readline(LONGEST_LINE).strip())
    given = typed if typed is not None else os.environ.get(APPLICANT_VARIABLE)
    if given is None:
        raise InvalidInput(
            "applicant", got="nothing", expected=f"--applicant ID, --applicant - or ${APPLICANT_VARIABLE}"
        )
    return person_id(given)


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


def number_of(typed: str) -> str:
    """An appointment's number, without the direction marks that come along when it is copied from a ticket."""
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
    """A date as people type it, in either calendar."""
    try:
        return parse_date(typed).gregorian
    except InvalidInput as error:
        raise InvalidInput(name, got=error.got, expected=error.expected) from error


def moment_of(typed: str, name: str, zone: str) -> datetime:
    """An instant: ISO 8601, in `zone` where it names no offset."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError as error:
        raise InvalidInput(
            name, got="text that is no time", expected="YYYY-MM-DDTHH:MM, such as 2026-11-23T08:00"
        ) from error
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
