"""How ids, dates, points and numbers are read from the command line."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from traffic_booking import Clerk, Coordinates, InvalidInput, PersonId, parse_date, person_id
from traffic_booking.cli.options import APPLICANT_VARIABLE

LONGEST_LINE: Final = 64  # at most so many characters of a line on standard input are read for an id

_DIRECTION_MARKS: Final = "\u2066\u2067\u2068\u2069\u200e\u200f"
_MONTH: Final = re.compile(r"(\d{4})-(\d{1,2})")
_ID_LIKE: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_LAST_HIJRI_YEAR: Final = 1699


@contextmanager
def errors_name(option: str) -> Iterator[None]:
    """Errors inside name this option, which the value came from."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(option, got=error.got, expected=error.expected) from error


def applicant_of(typed: str | None) -> PersonId:
    """The applicant, from the option, standard input or the environment. No error shows the digits."""
    name = "--applicant"
    if typed == "-":
        typed = sys.stdin.readline(LONGEST_LINE).strip()
    elif typed is None:
        name, typed = f"${APPLICANT_VARIABLE}", os.environ.get(APPLICANT_VARIABLE)
    if typed is None:
        ways = f"--applicant ID, --applicant - or ${APPLICANT_VARIABLE}"
        raise InvalidInput("--applicant", got="nothing", expected=ways)
    with errors_name(name):
        return person_id(typed)


def requester_of(applicant: str | None, clerk: str | None) -> PersonId | Clerk:
    """The clerk if one is named, else the applicant."""
    if clerk is None:
        return applicant_of(applicant)
    if applicant is not None:
        raise InvalidInput("--applicant, --clerk", got="both", expected="one of them")
    return clerk_of(clerk)


def clerk_of(typed: str) -> Clerk:
    """The clerk of that name."""
    return Clerk(impersonal(typed, "clerk"))


def request_id_of(typed: str | None) -> str:
    """The request's id: as typed, or a new one."""
    return str(uuid4()) if typed is None else impersonal(typed, "request id")


def impersonal(typed: str, name: str) -> str:
    """`typed`, which is stored and shown: misuse if it contains a person's id."""
    for digits in _ID_LIKE.findall(typed):
        try:
            person_id(digits)
        except InvalidInput:
            continue
        raise InvalidInput(name, got="a name with a person id in it", expected="a name without personal data")
    return typed


def copied(typed: str) -> str:
    """`typed` without the direction marks of the ticket or the table that it was copied from."""
    return typed.strip().strip(_DIRECTION_MARKS)


def point_of(typed: str | None) -> Coordinates | None:
    """The point of `--near`."""
    if typed is None:
        return None
    try:
        latitude, longitude = (float(part) for part in typed.split(","))
    except ValueError as error:
        expected = "LATITUDE,LONGITUDE such as 24.69,46.72"
        raise InvalidInput("near", got="text that is not a point", expected=expected) from error
    return Coordinates(latitude, longitude)


def day_of(typed: str, name: str) -> date:
    """A date of either calendar; errors name the option `name`."""
    with errors_name(name):
        return parse_date(typed).gregorian


def moment_of(typed: str, name: str, zone: str) -> datetime:
    """An instant: a date of either calendar, `T` and a time, in the time zone `zone` unless it has an offset."""
    day, mark, clock = copied(typed).partition("T")
    try:
        at = time.fromisoformat(clock)
    except ValueError as error:
        got = "text that is not a time" if mark else "text without T between a date and a time"
        expected = "YYYY-MM-DDTHH:MM, such as 2026-11-23T08:00, or 1448-06-14T08:00 in Hijri"
        raise InvalidInput(name, got=got, expected=expected) from error
    moment = datetime.combine(day_of(day, name), at)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def month_of(typed: str) -> tuple[int, int, bool]:
    """Year, month, and whether they are Hijri: years up to 1699 are."""
    parts = _MONTH.fullmatch(typed)
    if parts is None:
        raise InvalidInput("month", got="text that is not a month", expected="YYYY-MM: 2026-12, or 1448-06 for Hijri")
    year, month = int(parts[1]), int(parts[2])
    return year, month, year <= _LAST_HIJRI_YEAR
