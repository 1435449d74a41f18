"""Input that is neither text nor a number: values of one exact type, bounded lists, names to look up."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.text_input import cleaned, hyphenated

T = TypeVar("T")

_LONGEST_NAME: Final = 64
_LONGEST_TYPED: Final = 4 * _LONGEST_NAME


def remade(field: str, make: Callable[[], T]) -> T:
    """A copy of a caller's value, as `make` returns it: the value may have bypassed its constructor.

    Raises `InvalidInput`, also if an attribute of the value is missing or raises anything.
    """
    try:
        return make()
    except InvalidInput:
        raise
    except Exception as error:  # noqa: BLE001 - a value of the caller's own may fail in any way
        fault = type(error).__name__
    # Raised outside the handler: the caller's error may contain a person's id, and would be chained.
    raise InvalidInput(field, got=f"a value that can't be read ({fault})", expected="one that its constructor made")


def of_type(kind: type) -> Callable[[Any, Any, Any], None]:
    """A validator that accepts a `kind` and no subclass of it, so that `True` is not a number."""

    def check(_: Any, field: Any, value: Any) -> None:
        if type(value) is not kind:
            raise InvalidInput(field.name, got=type(value).__name__, expected=f"{kind.__name__} and no other type")

    return check


def look_up(what: str, name: str, known: Mapping[str, T], *, in_order: bool = False) -> T:
    """The entry of `known` with that name, cleaned. Raises `NotFound` with similar names; `what` is its kind.

    The error lists the known names `in_order` of the mapping, or sorted.
    """
    if not isinstance(name, str):
        raise InvalidInput(what, got=type(name).__name__, expected="text")
    if name in known:
        return known[name]  # the usual case
    clean = hyphenated(cleaned(name)) if len(name) <= _LONGEST_TYPED else name
    if clean not in known:
        raise NotFound(what, clean[:_LONGEST_NAME], known=[*known] if in_order else sorted(known))
    return known[clean]


def bounded_list(values: object, field: str, *, most: int) -> list[Any]:
    """The members of a list, a tuple or a set, at most `most`. Raises `InvalidInput` naming `field`."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        raise InvalidInput(field, got=type(values).__name__, expected="a list")
    members = list(islice(values, most + 1))
    if len(members) > most:
        raise InvalidInput(field, got=f"more than {most}", expected=f"at most {most}")
    return members
