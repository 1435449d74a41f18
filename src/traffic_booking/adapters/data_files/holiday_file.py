"""holidays.toml: the rules of the working calendar, the profiles that choose among them, announcements and orders."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from importlib.resources.abc import Traversable
from typing import Any, Final

from attrs import frozen

from traffic_booking.adapters.data_files.place_files import NAME
from traffic_booking.adapters.data_files.provenance import provenance
from traffic_booking.adapters.data_files.tables import (
    Entries,
    Place,
    Reader,
    Shape,
    converter,
    described,
    entries,
    many,
    one_of,
    scalar,
    text,
    truth,
    unknown_fields,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import toml_table
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
from traffic_booking.domain.calendars.hours import Hours, clock_minute
from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.schedule.exceptions import SpecialOrder
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar
from traffic_booking.domain.text_input import visible_ascii

_LISTS: Final = ("profiles", "rules", "announcements", "orders")

_ID: Final = text(authority_id)
_DAY: Final = scalar(date, lambda day: day)
_NUMBER: Final = whole_number(lambda number: number)
_MINUTE: Final = text(clock_minute)

_HEAD: Final[Mapping[str, Reader]] = {"id": _ID, "statement": NAME, "source": text(converter(Authority, "source"))}
_IN_FORCE: Final[Mapping[str, Reader]] = {"in_force_from": _DAY, "in_force_until": _DAY}
_SIGHTED: Final[Mapping[str, Reader]] = {**_IN_FORCE, "by_sighting": truth}
_FIRST_AND_LAST: Final[Mapping[str, Reader]] = {"first_day": _DAY, "last_day": _DAY}


def _ramadan_hours(*, opens: int, closes: int, **fields: Any) -> RamadanHours:
    return RamadanHours(published=Hours(opens, closes), **fields)


def _window(*, opens: int, closes: int) -> Hours:
    return Hours(opens, closes)


def _fields(cls: type, *names: str) -> dict[str, Reader]:
    """Whole numbers, each with the check that `cls` puts on it."""
    return {name: whole_number(converter(cls, name)) for name in names}


RULES: Final[Mapping[str, Shape[Any]]] = {
    "weekend": Shape(Weekend, {**_HEAD, "pattern": text(partial(visible_ascii, field="pattern"))}, _IN_FORCE),
    "fixed-day": Shape(FixedDay, {**_HEAD, "month": _NUMBER, "day": _NUMBER}, _IN_FORCE),
    "hijri-span": Shape(
        HijriSpan, {**_HEAD, **_fields(HijriSpan, "from_month", "from_day", "to_month", "to_day")}, _SIGHTED
    ),
    "labour-days": Shape(
        LabourDays,
        {**_HEAD, **_fields(LabourDays, "month", "day", "days")},
        {**_SIGHTED, **_fields(LabourDays, "offset_days")},
    ),
    "bridge": Shape(Bridge, _HEAD, _IN_FORCE),
    "announced-days": Shape(AnnouncedDays, _HEAD, _IN_FORCE),
    "ramadan-hours": Shape(
        _ramadan_hours,
        {**_HEAD, "opens": _MINUTE, "closes": _MINUTE},
        {**_SIGHTED, **_fields(RamadanHours, "opening_moved_minutes", "closing_moved_minutes")},
    ),
}

ANNOUNCEMENTS: Final[Mapping[str, Shape[Any]]] = {
    "month-start": Shape(MonthStart, {**_HEAD, "year": _NUMBER, "month": _NUMBER, "first_day": _DAY}),
    "closure": Shape(AnnouncedClosure, {**_HEAD, "rule": _ID, **_FIRST_AND_LAST}),
}

WINDOW: Final = Shape(_window, {"opens": _MINUTE, "closes": _MINUTE})

ORDER: Final = Shape(SpecialOrder, {**_HEAD, **_FIRST_AND_LAST, "opens": truth}, {"hours": many(WINDOW, least=1)})

PROFILE: Final = Shape(Profile, {"id": _ID, "name": NAME, "rules": many(_ID, least=1), "unofficial": truth})


def _by_kind(shapes: Mapping[str, Shape[Any]]) -> Callable[[object, Place], Any]:
    """Read an entry as its field `kind` says."""

    def read(value: object, place: Place) -> Any:
        kind = value.get("kind") if isinstance(value, dict) else None
        shape = shapes.get(kind) if isinstance(kind, str) else None
        if not isinstance(value, dict) or shape is None:
            got = "nothing" if kind is None else described(kind)
            place.at("kind").fault(got=got, expected=f"one of {', '.join(shapes)}")
            return None
        return shape({name: field for name, field in value.items() if name != "kind"}, place)

    return read


@frozen(kw_only=True)
class Calendars:
    """The calendar of each profile of a file, and the profile that it uses by default."""

    default: str
    by_profile: Mapping[str, WorkingCalendar]


def read_calendars(file: Traversable) -> Calendars:
    """The calendars that `file` holds. Raises `InvalidCatalogue` with every fault."""
    faults: list[Fault] = []
    place = Place(file=file.name, faults=faults)
    table = toml_table(file, place)
    found = None if table is None else _read(table, place)
    if found is None or faults:
        raise InvalidCatalogue(tuple(dict.fromkeys(faults)), kind="holidays")
    return found


def _read(table: Mapping[str, Any], place: Place) -> Calendars | None:
    unknown_fields(table, dict.fromkeys(("profile", *_LISTS, "provenance")), place)
    provenance(table, place)
    profiles = entries(table, "profiles", PROFILE, place)
    rules = entries(table, "rules", _by_kind(RULES), place)
    announcements = entries(table, "announcements", _by_kind(ANNOUNCEMENTS), place)
    orders = entries(table, "orders", ORDER, place)
    default = _default(table, profiles, place)
    _ids_once((rules, announcements, orders), place)
    if rules.readable:
        _names_lead_to_rules(profiles.sound, rules, announcements.sound, place)
    if place.faults or default is None:
        return None
    calendars: dict[str, WorkingCalendar] = {}
    for profile in profiles.sound:
        try:
            calendars[profile.id] = WorkingCalendar(
                profile=profile, rules=rules.sound, announcements=announcements.sound, orders=orders.sound
            )
        except InvalidInput as error:
            place.of(profile.id).at(error.field).fault(got=error.got, expected=error.expected)
    return Calendars(default=default, by_profile=calendars)


def _default(table: Mapping[str, Any], profiles: Entries[Profile], place: Place) -> str | None:
    where = place.at("profile")
    if "profile" not in table:
        where.fault(got="nothing", expected="a value: the field is required")
        return None
    known = dict.fromkeys(profiles.names)
    if not known:
        return None
    name = one_of({name: name for name in known})(table["profile"], where)
    return name if isinstance(name, str) else None


def _ids_once(lists: Iterable[Entries[Any]], place: Place) -> None:
    seen: set[str] = set()
    for each in lists:
        for name in dict.fromkeys(each.names):
            if name in seen:
                place.of(name).at("id").fault(got="it in two lists", expected="each once")
            seen.add(name)


def _names_lead_to_rules(
    profiles: Iterable[Profile], rules: Entries[Any], announcements: Iterable[object], place: Place
) -> None:
    expected = "the id of a rule in this file"
    for profile in profiles:
        for position, name in enumerate(profile.rules, start=1):
            if name not in rules.names:
                place.of(profile.id).at("rules").item(position).fault(got=repr(str(name)), expected=expected)
    announced = {rule.id for rule in rules.sound if isinstance(rule, AnnouncedDays)}
    unread = set(rules.names) - {rule.id for rule in rules.sound}
    for record in announcements:
        if isinstance(record, AnnouncedClosure) and record.rule not in announced | unread:
            place.of(record.id).at("rule").fault(got=repr(str(record.rule)), expected="the id of announced days")
