"""Input that is neither text nor a number: values of one exact type, bounded lists, names to look up.

A value of a caller's own class may raise anything in any of its methods, and may pretend to be of another class. So its
class is compared by `type`, and what it contains is read in `remade`.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import islice
from typing import Any, Final, TypeGuard, TypeVar, cast

from traffic_booking.domain.errors import InvalidInput, NotFound, TrafficBookingError
from traffic_booking.domain.text_input import cleaned, hyphenated, plain_text

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

MADE: Final = "one that its constructor made"
MOST_MEMBERS: Final = 10_000
"""The most members of a list in a catalogue, a rulebook or a calendar."""


def is_a(value: object, kind: type[T]) -> TypeGuard[T]:
    """True if `value` is of that class or of a subclass, whatever it pretends to be."""
    return issubclass(type(value), kind)


_LONGEST_NAME: Final = 64
_LONGEST_TYPED: Final = 4 * _LONGEST_NAME


def remade(field: str, make: Callable[[], T]) -> T:
    """A copy of a caller's value, as `make` returns it: the value may have bypassed its constructor.

    Raises `InvalidInput`, also if an attribute of the value is missing or raises anything.
    """
    try:
        return make()
    except TrafficBookingError:
        raise
    except Exception as error:  # noqa: BLE001 - a value of the caller's own may fail in any way
        fault = type(error).__name__
    # Raised outside the handler: the caller's error may contain a person's id, and would be chained.
    raise InvalidInput(field, got=f"a value that can't be read ({fault})", expected=MADE)


def is_whole(value: object) -> bool:
    """True if every field of a value of ours is set. One that bypassed its constructor may lack some."""
    return all(hasattr(value, each.name) for each in getattr(type(value), "__attrs_attrs__", ()))


def of_type(kind: type) -> Callable[[Any, Any, Any], None]:
    """A validator that accepts a `kind` and no subclass of it, so that `True` is not a number."""

    def check(_: Any, field: Any, value: Any) -> None:
        if type(value) is not kind:
            raise InvalidInput(field.name, got=type(value).__name__, expected=f"{kind.__name__} and no other type")
        if not is_whole(value):
            raise InvalidInput(field.name, got=f"a {kind.__name__} without its fields", expected=MADE)

    return check


def truth(value: object, field: str) -> bool:
    """`value` if it is True or False. Raises `InvalidInput` naming `field`."""
    if type(value) is bool:
        return value
    raise InvalidInput(field, got=type(value).__name__, expected="True or False")


def reading_members(field: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Decorates the `__attrs_post_init__` of a class whose members may have bypassed their constructors.

    An exception from reading them becomes `InvalidInput` naming `field`.
    """

    def decorated(post_init: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda made: remade(field, lambda: post_init(made))

    return decorated


def one_of_enum(value: object, kind: type[E], field: str) -> E:
    """`value` if it is a member of that enum. Raises `InvalidInput` naming `field`, also for the text of a member."""
    if type(value) is kind:
        return value
    expected = " or ".join(f"{kind.__name__}.{each.name}" for each in kind)
    raise InvalidInput(field, got=type(value).__name__, expected=expected)


def keep_lists(made: object, **kinds: type | tuple[type, ...]) -> None:
    """Make tuples of the lists in these fields of a value under construction, each of at most 10,000 values of a class.

    Raises `InvalidInput` naming the field.
    """
    for name, kind in kinds.items():
        members = tuple(bounded_list(getattr(made, name), name, most=MOST_MEMBERS))
        for each in members:
            if not issubclass(type(each), kind):
                named = kind if isinstance(kind, tuple) else (kind,)
                expected = f"{' or '.join(one.__name__ for one in named)} values alone"
                raise InvalidInput(name, got=type(each).__name__, expected=expected)
            if not is_whole(each):
                raise InvalidInput(name, got=f"a {type(each).__name__} without its fields", expected=MADE)
        object.__setattr__(made, name, members)


def look_up(what: str, name: str, known: Mapping[str, T], *, in_order: bool = False) -> T:
    """The entry of `known` with that name, cleaned. Raises `NotFound` with similar names; `what` is its kind.

    The error lists the known names `in_order` of the mapping, or sorted.
    """
    plain = plain_text(name, what)
    if plain in known:
        return known[plain]  # the usual case
    clean = hyphenated(cleaned(plain)) if len(plain) <= _LONGEST_TYPED else plain
    if clean not in known:
        raise NotFound(what, clean[:_LONGEST_NAME], known=[*known] if in_order else sorted(known))
    return known[clean]


def bounded_list(values: object, field: str, *, most: int) -> list[Any]:
    """The members of a list, a tuple or a set, at most `most`. Raises `InvalidInput` naming `field`."""
    if issubclass(type(values), str | bytes | bytearray | Mapping) or not issubclass(type(values), Iterable):
        raise InvalidInput(field, got=type(values).__name__, expected="a list")
    members = remade(field, lambda: list(islice(cast("Iterable[Any]", values), most + 1)))
    if len(members) > most:
        raise InvalidInput(field, got=f"more than {most}", expected=f"at most {most}")
    return members


def with_methods(value: T, field: str, *names: str) -> T:
    """`value` if it has these methods. Raises `InvalidInput` naming `field`."""
    missing = remade(field, lambda: [name for name in names if not callable(getattr(value, name, None))])
    if missing:
        got = f"a {type(value).__name__} without {', '.join(missing)}"
        raise InvalidInput(field, got=got, expected=f"an object with {', '.join(names)}")
    return value
