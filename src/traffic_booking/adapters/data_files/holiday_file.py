"""holidays.toml: the rules of the working calendar, the profiles that choose among them, announcements and orders."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from traffic_booking.adapters.data_files.catalogue_shapes import NAME
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Faults,
    Flaw,
    Reader,
    Shape,
    Unsound,
    converter,
    described,
    entries,
    many,
    name_in,
    one_of,
    text,
    truth,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import DAY, DataFile, check_top, toml_table
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.authority import Authority, authority_id
from traffic_booking.domain.calendars.holiday_rules import (
    AnnouncedDays,
    Bridge,
    FixedDay,
    HijriSpan,
    LabourDays,
    RamadanHours,
    Weekend,
)
from traffic_booking.domain.calendars.hours import Hours, clock_minute, hours_between
from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.schedule.exceptions import SpecialOrder
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar
from traffic_booking.domain.text_input import visible_ascii

_LISTS: Final = ("profiles", "rules", "announcements", "orders")

_ID: Final = text(authority_id)
_NUMBER: Final = whole_number(lambda number: number)
_MINUTE: Final = text(clock_minute)

_HEAD: Final[Mapping[str, Reader]] = {"id": _ID, "statement": NAME, "source": text(converter(Authority, "source"))}
_OF_RULE: Final[Mapping[str, Reader]] = {"name": NAME, "in_force_from": DAY, "in_force_until": DAY}
_SIGHTED: Final[Mapping[str, Reader]] = {**_OF_RULE, "by_sighting": truth}
_FIRST_AND_LAST: Final[Mapping[str, Reader]] = {"first_day": DAY, "last_day": DAY}


def _ramadan_hours(*, opens: int, closes: int, **fields: Any) -> RamadanHours:
    return RamadanHours(published=hours_between(opens, closes), **fields)


def _window(*, opens: int, closes: int) -> Hours:
    return hours_between(opens, closes)


def _fields(cls: type, *names: str) -> dict[str, Reader]:
    """Whole numbers, each with the check that `cls` puts on it."""
    return {name: whole_number(converter(cls, name)) for name in names}


RULES: Final[Mapping[str, Shape[Any]]] = {
    "weekend": Shape(Weekend, {**_HEAD, "pattern": text(partial(visible_ascii, field="pattern"))}, _OF_RULE),
    "fixed-day": Shape(FixedDay, {**_HEAD, "month": _NUMBER, "day": _NUMBER}, _OF_RULE),
    "hijri-span": Shape(
        HijriSpan, {**_HEAD, **_fields(HijriSpan, "from_month", "from_day", "to_month", "to_day")}, _SIGHTED
    ),
    "labour-days": Shape(
        LabourDays,
        {**_HEAD, **_fields(LabourDays, "month", "day", "days")},
        {**_SIGHTED, **_fields(LabourDays, "offset_days")},
    ),
    "bridge": Shape(Bridge, _HEAD, _OF_RULE),
    "announced-days": Shape(AnnouncedDays, _HEAD, _OF_RULE),
    "ramadan-hours": Shape(
        _ramadan_hours,
        {**_HEAD, "opens": _MINUTE, "closes": _MINUTE},
        {**_SIGHTED, **_fields(RamadanHours, "opening_moved_minutes", "closing_moved_minutes")},
    ),
}

ANNOUNCEMENTS: Final[Mapping[str, Shape[Any]]] = {
    "month-start": Shape(MonthStart, {**_HEAD, "year": _NUMBER, "month": _NUMBER, "first_day": DAY}),
    "closure": Shape(AnnouncedClosure, {**_HEAD, "rule": _ID, **_FIRST_AND_LAST}),
}

WINDOW: Final = Shape(_window, {"opens": _MINUTE, "closes": _MINUTE})

ORDER: Final = Shape(SpecialOrder, {**_HEAD, **_FIRST_AND_LAST, "opens": truth}, {"hours": many(WINDOW, least=1)})

PROFILE: Final = Shape(Profile, {"id": _ID, "name": NAME, "rules": many(_ID, least=1), "unofficial": truth})


def _by_kind(shapes: Mapping[str, Shape[Any]]) -> Reader:
    """Read an entry with the shape that its field `kind` names."""

    def read(value: object) -> Any:
        kind = value.get("kind") if isinstance(value, dict) else None
        shape = shapes.get(name_in(kind))
        if not isinstance(value, dict) or shape is None:
            got = "nothing" if kind is None else described(kind)
            raise Unsound([Flaw("kind", got, f"one of {', '.join(shapes)}")])
        return shape({name: field for name, field in value.items() if name != "kind"})

    return read


class Calendars(NamedTuple):
    """The calendar of each profile of a file, and the profile that it uses by default."""

    default: str
    by_profile: Mapping[str, WorkingCalendar]


def read_calendars(file: DataFile) -> Calendars:
    """The calendars that `file` holds. Raises `InvalidCatalogue` with every fault."""
    found: list[Fault] = []
    faults = Faults(file.name, found)
    table = toml_table(file, faults)
    calendars = None if table is None else _read(table, faults)
    if calendars is None or found:
        raise InvalidCatalogue(tuple(dict.fromkeys(found)), kind="holidays")
    return calendars


def _read(table: Mapping[str, Any], faults: Faults) -> Calendars | None:
    check_top(table, ("profile", *_LISTS), faults)
    profiles = entries(table, "profiles", PROFILE, faults)
    rules = entries(table, "rules", _by_kind(RULES), faults)
    announcements = entries(table, "announcements", _by_kind(ANNOUNCEMENTS), faults)
    orders = entries(table, "orders", ORDER, faults)
    known = {name: name for name in profiles.names}
    default = faults.read(table, "profile", one_of(known)) if known or "profile" not in table else None
    _check_ids_differ((rules, announcements, orders), faults)
    if rules.readable:
        _check_names_of_rules(profiles.sound, rules, announcements.sound, faults)
    if faults.found or default is None:
        return None
    calendars: dict[str, WorkingCalendar] = {}
    for profile in profiles.sound:
        try:
            calendars[profile.id] = WorkingCalendar(
                profile=profile, rules=rules.sound, announcements=announcements.sound, orders=orders.sound
            )
        except InvalidInput as error:
            faults.add(error.field, got=error.got, expected=error.expected, entry=profile.id)
    return Calendars(default, calendars)


def _check_ids_differ(lists: Iterable[Entries[Any]], faults: Faults) -> None:
    seen: set[str] = set()
    for each in lists:
        for name in dict.fromkeys(each.names):
            if name in seen:
                faults.add("id", got="it in two lists", expected="each once", entry=name)
            seen.add(name)


def _check_names_of_rules(
    profiles: Iterable[Profile], rules: Entries[Any], announcements: Iterable[object], faults: Faults
) -> None:
    expected = "the id of a rule in this file"
    for profile in profiles:
        for position, name in enumerate(profile.rules, start=1):
            if name not in rules.names:
                faults.add(f"rules[{position}]", got=repr(str(name)), expected=expected, entry=profile.id)
    announced = {rule.id for rule in rules.sound if isinstance(rule, AnnouncedDays)}
    unread = set(rules.names) - {rule.id for rule in rules.sound}
    for record in announcements:
        if isinstance(record, AnnouncedClosure) and record.rule not in announced | unread:
            faults.add("rule", got=repr(str(record.rule)), expected="the id of announced days", entry=record.id)
