"""The JSON form of every public value: `to_json` writes it, `from_json` reads it.

Instants are ISO 8601 texts with an offset, days have both calendars, texts both languages. A value that is one of
several has its `kind`. Ids of persons are masked; `from_json` takes all ten digits. Tags and names of members are
fixed: renaming a class or a field changes nothing. `data/values.schema.json` describes them.
"""

from math import isfinite
from typing import Any, TypeVar, cast

from traffic_booking.domain.errors import InvalidInput, TrafficBookingError
from traffic_booking.domain.value_input import is_a, remade
from traffic_booking.json_forms import registry as _registry  # noqa: F401 - fills the table of forms
from traffic_booking.json_forms.errors import error_form
from traffic_booking.json_forms.forms import shape_of
from traffic_booking.json_forms.shapes import Json

__all__ = ["Json", "from_json", "to_json"]

T = TypeVar("T")


def to_json(value: object) -> Json:
    """A public value of the library, an error, or a list of them, in JSON's types; `json.dumps` writes the result.

    Raises:
        InvalidInput: The library has no form for the value.

    Example::

        to_json(desk.find_slots(service="licence-renewal"))["slots"][0]["token"]
    """
    if is_a(value, TrafficBookingError):
        return error_form(value)
    if value is None or type(value) in {str, int, bool}:
        return value
    if type(value) is float:
        if not isfinite(value):
            raise InvalidInput("value", got=str(value), expected="a number that JSON has")
        return value
    if type(value) in {tuple, list, frozenset}:
        return remade("value", lambda: [to_json(each) for each in cast("tuple[object, ...]", value)])
    try:
        shape = shape_of(cast("Any", type(value)))
    except Exception:  # noqa: BLE001 - a class of the caller's own
        expected = "a value of the library, or a list of them"
        raise InvalidInput("value", got=type(value).__name__, expected=expected) from None
    return remade("value", lambda: shape.write(value))


def from_json(kind: type[T], data: Json) -> T:
    """The value of class `kind` that `to_json` wrote as `data`; members that follow from others may be left out.

    Args:
        kind: A class of the library, or a tuple or union of some, such as `tuple[SlotKey, ...]`.
        data: What `json.loads` returned: bounded, and without members that the form has not.

    Raises:
        InvalidInput: `data` is no such value; `field` is the place, such as `slots[2].starts_at`. Or `kind` is written
            only, as `Ticket` is: it has a masked id.

    Example::

        from_json(SlotKey, {"branch": "riyadh-traffic", "service": "licence-renewal", "starts_at": "2026-11-23T06:00Z"})
    """
    try:
        shape = shape_of(cast("Any", kind))
    except Exception:  # noqa: BLE001 - a value of the caller's own in place of a class
        got = kind.__name__ if is_a(kind, type) else type(kind).__name__
        raise InvalidInput("kind", got=got, expected="a class that has a JSON form") from None
    return cast("T", shape.read(data, ""))
