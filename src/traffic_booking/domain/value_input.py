"""Values from outside that are neither text nor numbers: of the one type that is wanted, and lists that end.

Everything that is stored passes here, or through `outside_text` and `outside_numbers`, when it is made.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from traffic_booking.domain.errors import InvalidInput

T = TypeVar("T")


def remade(field: str, make: Callable[[], T]) -> T:
    """A value from outside, made anew by `make`: it may have passed no constructor, or be of a subclass.

    Raises `InvalidInput`, also if the value can't be read: its attributes may be missing, or raise anything.
    """
    try:
        return make()
    except InvalidInput:
        raise
    except Exception as error:  # noqa: BLE001 - a value of the caller's own may fail in any way
        fault = type(error).__name__
    # Outside of the handler: the caller's error may show anything.
    raise InvalidInput(field, got=f"a value that can't be read ({fault})", expected="one that its constructor made")


def of_type(kind: type) -> Callable[[Any, Any, Any], None]:
    """A validator of a field that holds a `kind`, and nothing derived from it: no truth value for a number."""

    def check(_: Any, field: Any, value: Any) -> None:
        if type(value) is not kind:
            raise InvalidInput(field.name, got=type(value).__name__, expected=f"{kind.__name__} and no other type")

    return check


def bounded_list(values: object, field: str, *, most: int) -> list[Any]:
    """The members of a list, a tuple or a set, at most `most`. Raises `InvalidInput` naming `field`."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes | Mapping):
        raise InvalidInput(field, got=type(values).__name__, expected="a list")
    members = list(islice(values, most + 1))
    if len(members) > most:
        raise InvalidInput(field, got=f"more than {most}", expected=f"at most {most}")
    return members
