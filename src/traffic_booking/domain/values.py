"""`frozen` of attrs with `__repr__`, `__eq__` and `__hash__` that need no code of their own for each class; masks.

attrs compiles these methods for every class when it is imported. With a hundred classes that takes long, and a host
waits for it.
"""

import re
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

__all__ = ["frozen", "masked", "with_masked_repr"]

TupleClass = TypeVar("TupleClass", bound=type[tuple[Any, ...]])

_SHOWN: Final = 4
_LONG_NUMBER: Final = re.compile(r"(?<!\d)(?!0{5})\d{9,}")  # the number of a record has many zeros in front
_BETWEEN: Final = (
    r"(?:[\s._\-\xad\u0300-\u036f\u061c\u064b-\u065f\u200b-\u2015\u202a-\u202e\u2060-\u2069\u20d0-\u20ff\u2212\ufe58\ufe63\ufeff\uff0d]"
    r"|\\x[0-9a-f]{2}|\\u[0-9a-f]{4})"
)
"""A blank, a dash or a mark that people and programs set between the digits of an id, or its escape in a `repr`."""
_RUN: Final = re.compile(rf"\d(?:{_BETWEEN}{{0,3}}\d)*")
_PART: Final = re.compile(rf"{_BETWEEN}|\d")
_DAY: Final = re.compile(
    rf"(?<!\d)(?:1[345]|19|20)\d\d{_BETWEEN}(?:0?[1-9]|1[0-2]){_BETWEEN}(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    rf"|(?<!\d)(?:0?[1-9]|[12]\d|3[01]){_BETWEEN}(?:0?[1-9]|1[0-2]){_BETWEEN}(?:1[345]|19|20)\d\d(?!\d)"
)
_LENGTHS: Final = range(9, 12)  # an id has ten
_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def masked(text: str) -> str:
    """`text` with asterisks for all but the last four digits of each number of nine digits or more.

    It may be a person's id: one that was typed as a request id, a service, a clerk's name or a part of a URL, with
    blanks, dashes or marks between the digits or without.
    """
    return _RUN.sub(_spaced_id_masked, _LONG_NUMBER.sub(lambda number: _all_but_last(number[0]), text))


def with_masked_repr(of_class: TupleClass) -> TupleClass:
    """A decorator: the repr of a named tuple, masked."""
    of_class.__repr__ = _repr_of_tuple  # type: ignore[assignment,method-assign]
    return of_class


def _repr_of_tuple(self: tuple[Any, ...]) -> str:
    shown = zip(type(self)._fields, self, strict=True)  # type: ignore[attr-defined] # a named tuple's
    return masked(f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown)})")


def _spaced_id_masked(run: re.Match[str]) -> str:
    """A run of nine to eleven digits that begins with 1 or 2, masked, unless a day or an IP address is in it."""
    digits = "".join(str(int(part)) for part in _PART.findall(run[0]) if part.isdecimal())
    if len(digits) not in _LENGTHS or digits[0] not in "12":
        return run[0]
    written = "".join(str(int(part)) if part.isdecimal() else part for part in _PART.findall(run[0]))
    return run[0] if _DAY.search(written) or _ADDRESS.fullmatch(written) else _all_but_last(run[0])


def _all_but_last(number: str) -> str:
    """`number` with asterisks for all digits but the last four."""
    parts = _PART.findall(number)
    digits = [place for place, part in enumerate(parts) if part.isdecimal()]
    for place in digits[:-_SHOWN]:
        parts[place] = "*"
    return "".join(parts)


if TYPE_CHECKING:
    from attrs import frozen
else:

    def frozen(
        of_class: type | None = None,
        /,
        *,
        repr: bool = True,  # noqa: A002 - as attrs names it
        eq: bool = True,
        order: bool = False,
        cache_hash: bool = False,
        **options: Any,
    ) -> Callable[[type], type] | type:
        """As `attrs.frozen`, with masked reprs. A class keeps the `__repr__`, `__eq__` and `__hash__` that it has.

        A class that is ordered or caches its hash gets the methods that attrs compiles: it is compared often.

        Raises:
            TypeError: A field has a function for its `repr` or `eq`, or a `hash` other than its `eq`.
        """
        if of_class is None:
            return lambda decorated: frozen(decorated, repr=repr, eq=eq, order=order, cache_hash=cache_hash, **options)
        compiled = order or cache_hash
        made = attrs.frozen(of_class, repr=False, eq=eq and compiled, order=order, cache_hash=cache_hash, **options)
        _check_fields(made)
        if repr and "__repr__" not in vars(of_class):
            made.__repr__ = _repr
        if eq and not compiled and "__eq__" not in vars(of_class):
            made.__eq__, hashed = _comparison(made)
            if "__hash__" not in vars(of_class):
                made.__hash__ = hashed
        return made


def _check_fields(of_class: Any) -> None:
    """Refuse options that the shared methods would ignore: a `repr` that hides an id would show it."""
    for each in attrs.fields(of_class):
        if not isinstance(each.repr, bool) or each.eq_key is not None or each.hash is not None:
            raise TypeError(f"{of_class.__name__}.{each.name}: expected True or False for repr and eq, and no hash")


def _repr(self: attrs.AttrsInstance) -> str:
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in attrs.fields(type(self)) if each.repr]
    return masked(f"{type(self).__qualname__}({', '.join(shown)})")


def _comparison(of_class: Any) -> tuple[Callable[[Any, object], Any], Callable[[Any], int]]:
    """The `__eq__` and the `__hash__` of a class, over the fields that take part."""
    names = [each.name for each in attrs.fields(of_class) if each.eq]
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def equal(self: object, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash((of_class, values(self)))

    return equal, hashed
