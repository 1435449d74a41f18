"""Decodes installed texts: the rulebook, the catalogue and the calendar that a desk is opened with.

The values are made by their constructors, of the rules of this release: a text of another release may not fit. Compare
the digest of the text with that of the value.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from attrs import fields, has, resolve_types
from cattrs import Converter

from traffic_booking.domain.calendars.announcements import Announcement
from traffic_booking.domain.calendars.holiday_rules import CalendarRule
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.rules.rule import RuleDefinition
from traffic_booking.domain.rules.rulebook import DEFINITIONS, Rulebook, Rulebooks
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.exceptions import SpecialOrder
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.persistence.contents import TAG, TAGS

T = TypeVar("T")

_CLASSES: Final[Mapping[str, type]] = {tag: kind for kind, tag in TAGS.items()}
_UNIONS: Final = (CalendarRule, Announcement, Announcement | SpecialOrder)
_KNOWN: Final[Mapping[str, RuleDefinition]] = {each.id: each for each in DEFINITIONS}


def rulebook_of(versions: list[dict[str, Any]]) -> Rulebooks:
    """The rulebook of the data of its versions. Raises `InvalidInput` if this release has other rules."""
    return _read("rulebook", lambda: Rulebooks(tuple(_CONVERTER.structure(each, Rulebook) for each in versions)))


def catalogue_of(data: dict[str, Any]) -> Catalogue:
    """The catalogue of its data. Raises `InvalidInput` if this release has other fields."""
    return _read("catalogue", lambda: _CONVERTER.structure(data, Catalogue))


def calendar_of(data: dict[str, Any]) -> WorkingCalendar:
    """The calendar of its data. Raises `InvalidInput` if this release has other fields."""
    return _read("calendar", lambda: _CONVERTER.structure(data, WorkingCalendar))


def _read(part: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - a text of another release may differ in any way
        fault = type(error).__name__
    expected = "a text of this release; install yours"
    raise InvalidInput(part, got=f"an installed text that can't be read ({fault})", expected=expected)


def _object_decoder(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Makes a value of its arguments; other members of the object follow from them."""
    resolve_types(kind)
    arguments = {each.name: each.type for each in fields(kind) if each.init and not each.name.startswith("_")}

    def decode(data: Any, _: Any) -> Any:
        return kind(**{name: converter.structure(data[name], type_) for name, type_ in arguments.items()})

    return decode


def _new_converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_structure_hook_factory(has, _object_decoder)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_structure_hook(Holder, lambda text, _: Holder(text))
    converter.register_structure_hook(RuleDefinition, lambda data, _: _KNOWN[data["id"]])
    converter.register_structure_hook_func(
        lambda kind: kind in _UNIONS, lambda data, _: converter.structure(data, _CLASSES[data[TAG]])
    )
    return converter


_CONVERTER: Final = _new_converter()
