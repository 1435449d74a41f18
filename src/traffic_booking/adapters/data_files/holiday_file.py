"""holidays.toml: the rules of the working calendar, the profiles that choose among them, announcements and orders.

A second file may have more announcements and orders. They replace those with the same id or for the same month.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from attrs import evolve

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
    distinct,
    entries,
    many,
    name_in,
    one_of,
    text,
    truth,
    whole_number,
)
from traffic_booking.adapters.data_files.toml_files import DAY, DataFile, check_top, toml_table
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, Announcement, MonthStart
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
from traffic_booking.domain.calendars.month_starts import Month, impossible_lengths
from traffic_booking.domain.errors import Fault, InvalidCatalogue, InvalidInput
from traffic_booking.domain.schedule.exceptions import SpecialOrder
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar
from traffic_booking.domain.text_input import visible_ascii

_LISTS: Final = ("profiles", "rules", "announcements", "orders")

MOST_PROFILES: Final = 100
MOST_RULES: Final = 100
"""Each profile has a calendar of its own, and some patterns take long to be found empty."""

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


class _Order(NamedTuple):
    """An order, and the profiles for which it is; all if there are none."""

    order: SpecialOrder
    profiles: frozenset[str]

    @property
    def id(self) -> str:
        """The id of the order."""
        return self.order.id

    def is_for(self, profile: str) -> bool:
        """True if the order is for that profile."""
        return not self.profiles or profile in self.profiles


def _order(*, profiles: frozenset[str] = frozenset(), **fields: Any) -> _Order:
    return _Order(SpecialOrder(**fields), profiles)


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

ORDER: Final = Shape(
    _order,
    {**_HEAD, **_FIRST_AND_LAST, "opens": truth},
    {"hours": many(WINDOW, least=1), "profiles": distinct(_ID)},
)

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
    profiles = entries(table, "profiles", PROFILE, faults, most=MOST_PROFILES)
    rules = entries(table, "rules", _by_kind(RULES), faults, most=MOST_RULES)
    announcements = entries(table, "announcements", _by_kind(ANNOUNCEMENTS), faults)
    orders = entries(table, "orders", ORDER, faults)
    known = {name: name for name in profiles.names}
    default = faults.read(table, "profile", one_of(known)) if known or "profile" not in table else None
    _check_ids_differ((rules, announcements, orders), faults)
    if rules.readable:
        _check_names_of_rules(profiles.sound, rules, announcements.sound, faults)
    if profiles.readable:
        _check_names_of_profiles(orders.sound, profiles.names, faults)
    _check_months(announcements.sound, (), faults)
    if faults.found or default is None:
        return None
    calendars: dict[str, WorkingCalendar] = {}
    for profile in profiles.sound:
        try:
            calendars[profile.id] = WorkingCalendar(
                profile=profile,
                rules=rules.sound,
                announcements=announcements.sound,
                orders=tuple(each.order for each in orders.sound if each.is_for(profile.id)),
            )
        except InvalidInput as error:
            faults.add(error.field, got=error.got, expected=error.expected, entry=profile.id)
    return Calendars(default, calendars)


def with_announcements(calendar: WorkingCalendar, profiles: Iterable[str], file: DataFile) -> WorkingCalendar:
    """`calendar` with the announcements and orders of `file`. Raises `InvalidCatalogue` with every fault.

    `profiles` has the names of all profiles that an order may be for.
    """
    found: list[Fault] = []
    faults = Faults(file.name, found)
    table = toml_table(file, faults)
    announcements, orders = ((), ()) if table is None else _added(table, calendar, [*profiles], faults)
    ids = {each.id for each in (*announcements, *orders)}
    months = {each.begins for each in announcements if isinstance(each, MonthStart)}
    kept = [
        each
        for each in calendar.announcements
        if each.id not in ids and not (isinstance(each, MonthStart) and each.begins in months)
    ]
    _check_months(announcements, kept, faults)
    if found:
        raise InvalidCatalogue(tuple(dict.fromkeys(found)), kind="announcements")
    orders_kept = (each for each in calendar.orders if each.id not in ids)
    orders_added = (each.order for each in orders if each.is_for(calendar.profile.id))
    return evolve(calendar, announcements=(*kept, *announcements), orders=(*orders_kept, *orders_added))


def _added(
    table: Mapping[str, Any], calendar: WorkingCalendar, profiles: Sequence[str], faults: Faults
) -> tuple[tuple[Announcement, ...], tuple[_Order, ...]]:
    """The announcements and the orders of a file that adds to `calendar`; it has at least one of the two lists."""
    check_top(table, ("announcements", "orders"), faults)
    announcements, orders = Entries[Announcement](), Entries[_Order]()
    if "announcements" in table or "orders" not in table:
        announcements = entries(table, "announcements", _by_kind(ANNOUNCEMENTS), faults)
    if "orders" in table:
        orders = entries(table, "orders", ORDER, faults)
    rules = Entries[object](names=tuple(rule.id for rule in calendar.rules))
    _check_ids_differ((rules, announcements, orders), faults)
    _check_names_of_profiles(orders.sound, profiles, faults)
    _check_rules(announcements.sound, {each.id for each in calendar.rules if isinstance(each, AnnouncedDays)}, faults)
    return announcements.sound, orders.sound


def _check_months(announcements: Iterable[object], others: Iterable[object], faults: Faults) -> None:
    """Add a fault for each of `announcements` that begins a month again, or too near to or far from another one."""
    begun: dict[Month, MonthStart] = {}
    for each in announcements:
        if isinstance(each, MonthStart) and (first := begun.setdefault(each.begins, each)) is not each:
            got = f"{each.year}-{each.month} by {first.id} and by {each.id}"
            faults.add("month", got=got, expected="one beginning for each month", entry=each.id)
    starts = [*begun.values(), *(each for each in others if isinstance(each, MonthStart))]
    for one, other, error in impossible_lengths(starts):
        entry = other if begun.get(other.begins) is other else one
        faults.add(error.field, got=error.got, expected=error.expected, entry=entry.id)


def _check_names_of_profiles(orders: Iterable[_Order], profiles: Sequence[str], faults: Faults) -> None:
    for each in orders:
        for name in sorted(each.profiles.difference(profiles)):
            faults.add("profiles", got=repr(str(name)), expected=f"one of {', '.join(profiles)}", entry=each.id)


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
    expected, known = "the id of a rule in this file", set(rules.names)
    for profile in profiles:
        for position, name in enumerate(profile.rules, start=1):
            if name not in known:
                faults.add(f"rules[{position}]", got=repr(str(name)), expected=expected, entry=profile.id)
    announced = {rule.id for rule in rules.sound if isinstance(rule, AnnouncedDays)}
    unread = set(rules.names) - {rule.id for rule in rules.sound}
    _check_rules(announcements, announced | unread, faults)


def _check_rules(announcements: Iterable[object], announced: Container[str], faults: Faults) -> None:
    """Add a fault for each closure that is not for one of the rules of announced days."""
    for record in announcements:
        if isinstance(record, AnnouncedClosure) and record.rule not in announced:
            faults.add("rule", got=repr(str(record.rule)), expected="the id of announced days", entry=record.id)
