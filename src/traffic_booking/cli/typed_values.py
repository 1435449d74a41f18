"""How ids, dates, times, points and numbers are read from the command line."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time, tzinfo
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from traffic_booking import Auditor, Clerk, Coordinates, InvalidInput, PersonId, parse_date, parse_time, person_id
from traffic_booking.cli.options import APPLICANT_VARIABLE
from traffic_booking.domain.instants import LEGAL_TIME
from traffic_booking.domain.text_input import ascii_digits, cleaned, hyphenated, typed_text

LONGEST_LINE: Final = 256  # at most so many characters of a line on standard input are read for an id

PATH_OPTIONS: Final = frozenset(
    {
        *("--db", "--pseudonym-key", "--rulebook", "--catalogue", "--retention", "--output", "--out"),
        *("--key", "--sign-with", "--revoked", "--since", "--list", "--journal", "--log", "--checkpoint", "--witness"),
        "--announcements",
    }
)
"""Options whose values name files or stores."""
PATH_COMMANDS: Final = frozenset(
    {
        ("audit", "check"),
        ("gate", "merge"),
        ("maintain", "key"),
        ("rules", "diff"),
        ("ticket", "keys"),
        ("ticket", "verify"),
    }
)
"""Commands whose arguments name files."""
LONGEST_ARGUMENT: Final = 8_192
"""Characters of an argument that is cleaned; the library refuses longer texts."""
LONGEST_MOMENT: Final = 120
A_MOMENT: Final = "a day and a time, such as 2026-11-23 08:00, 1448-06-14T08:00 or ١٤ جمادى الآخرة ١٤٤٨، 8:00 ص"

_MONTH: Final = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})", re.ASCII)
_ISO: Final = re.compile(r"(?P<day>[^\sT]*\d)(?:T(?P<time>\d\S*)| (?P<at>\d\d?:[^\s–-]*))")
_ZONE: Final = re.compile(
    r"(?P<rest>.+?) \(?(?:(?P<saudi>Saudi time|ب?توقيت السعودية|Asia/Riyadh)|"
    r"(?:\S+, )?UTC(?P<offset>[+-]\d\d:\d\d)?)\)?"
)
_INTERVAL: Final = re.compile(r"(?:from |من )?(.+?)(?: to | إلى | ?– ?| - )(.+)")  # 09:00-05:00 has an offset
_JOINT: Final = re.compile(r" ?[,،]? (?:at|في|on)$")
_ID_LIKE: Final = re.compile(r"(?<!\d)\d{10}(?!\d)")
_LAST_HIJRI_YEAR: Final = 1699


def typed_arguments(arguments: Sequence[str]) -> list[str]:
    """The arguments, cleaned, except names of files and stores: a mark or another form of a letter names another file.

    An option that was copied out of an Arabic sentence has marks around it as well.
    """
    typed: list[str] = []
    for argument in arguments:
        clean = argument if len(argument) > LONGEST_ARGUMENT else cleaned(argument)
        option, mark, _ = clean.partition("=")
        commands = tuple(each for each in typed if not each.startswith("-"))[:2]
        if clean.startswith("--") and option in PATH_OPTIONS and mark:
            clean = option + mark + argument.partition("=")[2]
        elif (typed and typed[-1] in PATH_OPTIONS) or (commands in PATH_COMMANDS and not clean.startswith("-")):
            clean = argument
        typed.append(clean)
    return typed


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
        typed = sys.stdin.readline(LONGEST_LINE)
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


def reader_of(applicant: str | None, clerk: str | None, auditor: str | None) -> PersonId | Clerk | Auditor:
    """The auditor if one is named, else as `requester_of`."""
    if auditor is None:
        return requester_of(applicant, clerk)
    if clerk is not None or applicant is not None:
        raise InvalidInput("--applicant, --clerk, --auditor", got="several", expected="one of them")
    return Auditor(impersonal(auditor, "auditor"))


def clerk_of(typed: str) -> Clerk:
    """The clerk of that name."""
    return Clerk(impersonal(typed, "clerk"))


def request_id_of(typed: str | None) -> str:
    """The request's id: as typed, or a new one."""
    return str(uuid4()) if typed is None else impersonal(typed, "request id")


def impersonal(typed: str, name: str) -> str:
    """`typed`, which is stored and shown: misuse if it contains a person's id."""
    for digits in _ID_LIKE.findall(cleaned(typed)):
        try:
            person_id(digits)
        except InvalidInput:
            continue
        raise InvalidInput(name, got="a name with a person id in it", expected="a name without personal data")
    return typed


def ids_of(typed: Sequence[str]) -> tuple[str, ...] | None:
    """The ids of an option that may be given again, each with commas or without; None if it was not given."""
    return tuple(each for text in typed for each in text.split(",") if each.strip()) if typed else None


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
    """An instant: a day of either calendar with a time, in the time zone `zone` unless it has one of its own.

    Of the hours of a slot the start counts.
    """
    plain = ascii_digits(typed_text(typed, name, longest=LONGEST_MOMENT, expected=A_MOMENT))
    text, own_zone = _without_zone(plain)
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return _iso_moment(iso["day"], iso["at"] or iso["time"], name, own_zone or ZoneInfo(zone))
    found = set(_readings(text))
    if len(found) != 1:
        raise InvalidInput(name, got="text that names no day and time", expected=A_MOMENT)
    return datetime.combine(*found.pop(), own_zone or ZoneInfo(zone))


def bound_of(typed: str, name: str, zone: str) -> date | datetime:
    """A day, or an instant: the bound of a search. Errors name the option `name`."""
    try:
        return day_of(typed, name)
    except InvalidInput as of_day:
        with suppress(InvalidInput):
            return moment_of(typed, name, zone)
        raise of_day from None


def month_of(typed: str) -> tuple[int, int, bool]:
    """Year, month, and whether they are Hijri: years up to 1699 are, and months with a Hijri name."""
    expected = "YYYY-MM: 2026-12, or 1448-06 for Hijri; or a name with its year, such as رمضان 1448"
    text = ascii_digits(typed_text(typed, "month", longest=LONGEST_MOMENT, expected=expected))
    if parts := _MONTH.fullmatch(hyphenated(text)):
        year, month = int(parts[1] or parts[4]), int(parts[2] or parts[3])
        return year, month, year <= _LAST_HIJRI_YEAR
    try:
        first = parse_date(f"1 {text}")
    except InvalidInput as error:
        raise InvalidInput("month", got="text that is not a month", expected=expected) from error
    if first.has_hijri and str(first.hijri.year) in text:
        return first.hijri.year, first.hijri.month, True
    return first.gregorian.year, first.gregorian.month, False


def _without_zone(text: str) -> tuple[str, tzinfo | None]:
    """`text` without the time zone that our texts have at their end, and that zone."""
    found = _ZONE.fullmatch(text)
    if found is None:
        return text, None
    if found["saudi"]:
        return found["rest"], ZoneInfo(LEGAL_TIME)
    return found["rest"], time.fromisoformat(f"00:00{found['offset'] or 'Z'}").tzinfo


def _iso_moment(day: str, clock: str, name: str, zone: tzinfo) -> datetime:
    """The instant of ISO 8601, whose time may have an offset; or of a day in figures and a time in another form."""
    try:
        at = time.fromisoformat("no time" if clock.startswith("24") else clock)  # some Pythons read 24:00 as 00:00
    except ValueError:
        with errors_name(name):
            at = parse_time(clock)
    return datetime.combine(day_of(day, name), at, at.tzinfo or zone)


def _readings(text: str) -> Iterator[tuple[date, time]]:
    """Each way to read `text` as a day and a time, in either order."""
    words = text.split(" ")
    for place in range(1, len(words)):
        before, after = (" ".join(part).strip(" ,،") for part in (words[:place], words[place:]))
        for day, at in ((_JOINT.sub("", before), after), (_JOINT.sub("", after), before)):
            with suppress(ValueError):
                yield parse_date(day).gregorian, _start_of(at)


def _start_of(text: str) -> time:
    """A time, or the first of two. Raises `ValueError`, also for figures alone, which may belong to the date."""
    hours = _INTERVAL.fullmatch(text)
    first, last = (text, None) if hours is None else hours.groups()
    if first.isdecimal():
        raise ValueError(first)
    if last not in {None, "24:00"}:
        parse_time(last)  # it may be on the next day
    return parse_time(first)
