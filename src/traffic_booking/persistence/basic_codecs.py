"""Codecs of plain values: JSON text, exact types and instants; and objects that are made past their constructors.

Constructors have the rules for input, which may change. Stored values outlive releases, and machines whose Python has a
newer table of Unicode. So decoding checks the types of plain values and the names of fields, and no rule for input.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from json import JSONDecoder, JSONEncoder
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin

from attrs import NOTHING, Factory, fields, has, resolve_types

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")
S = TypeVar("S")

# Arabic stays readable, and takes a third of the room of its escapes. The data is a tree: it has no circles to check.
to_json: Final = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

_decoded: Final = JSONDecoder().raw_decode

CACHED_INSTANTS: Final = 4_096
"""One booking encodes, and an audit decodes, the start of its slot and the time of its decision ten times."""

_WITHOUT_OFFSET: Final = -len("+00:00")


@lru_cache(maxsize=CACHED_INSTANTS)
def encode_instant(moment: datetime) -> str:
    """An instant in ISO 8601, in UTC, with a fraction of six digits if it has one."""
    return f"{moment.astimezone(UTC).isoformat()[:_WITHOUT_OFFSET]}Z"


def from_json(text: str) -> Any:
    """The data of JSON text without blanks around it: half the time of `json.loads`. Raises `ValueError`."""
    data, end = _decoded(text)
    if end != len(text):
        raise ValueError("got more than one value; expected one")
    return data


@lru_cache(maxsize=CACHED_INSTANTS)
def decode_instant(text: object) -> datetime:
    """The instant of its text. Raises `ValueError` if it is not in UTC."""
    moment = datetime.fromisoformat(exactly(text, str))
    if moment.utcoffset() != timedelta(0):
        raise ValueError("got an instant elsewhere; expected one in UTC")
    return moment


def optional(codec: Callable[[T], S], value: T | None) -> S | None:
    """The value that `codec` returns, None for None."""
    return None if value is None else codec(value)


def exactly(value: Any, wanted: Any) -> Any:
    """`value` if its type is `wanted` and no subclass: a truth value is no number. Raises `TypeError`."""
    if type(value) is not wanted:
        raise TypeError(f"got {type(value).__name__}; expected {wanted.__name__}")
    return value


def no_more(rest: dict[str, Any]) -> None:
    """Raise `ValueError` if there are keys that nothing has decoded."""
    if rest:
        raise ValueError(f"got {len(rest)} keys more than expected")


def rebuilt(kind: type[T], /, **values: object) -> T:
    """A `kind` with exactly these values in its fields; a field that is left out has its default.

    No converter, validator or `__attrs_post_init__` is called, as when a value is unpickled. Raises `LookupError` if a
    field without a default is left out.
    """
    count, defaults = _fields(kind)  # type: ignore[arg-type] # classes can be hashed
    state = {**defaults, **values}
    if len(state) != count:
        raise LookupError(f"got {len(state)} fields; expected {count}")
    value = object.__new__(kind)
    value.__setstate__(state)  # type: ignore[attr-defined] # attrs adds it to its classes with slots, for unpickling
    return value


def register_rebuilding(converter: Converter) -> None:
    """Make `converter` decode objects and lists of all kinds without the rules for input; unknown keys are refused."""
    converter.register_structure_hook_factory(has, _object_decoder)
    converter.register_structure_hook_factory(_is_list, _list_decoder)


@cache
def _fields(kind: Any) -> tuple[int, dict[str, object]]:
    """How many fields there are, and the defaults of those that have one."""
    of_kind = fields(kind)
    assert all(each.init for each in of_kind), "a field that follows from others must be a property, or it is lost here"
    defaults = {each.name: each.default for each in of_kind if each.default is not NOTHING}
    assert not any(isinstance(each, Factory) for each in defaults.values()), "a default is shared"  # type: ignore[arg-type] # a class at run time
    return len(of_kind), defaults


def _object_decoder(kind: Any, converter: Converter) -> Callable[[object, Any], Any]:
    resolve_types(kind)
    decoders = {each.name: (converter.get_structure_hook(each.type), each.type) for each in fields(kind)}

    def decode(data: object, _kind: Any) -> Any:
        values = {}
        for name, found in exactly(data, dict).items():
            decoder, type_ = decoders[name]
            values[name] = decoder(found, type_)
        return rebuilt(kind, **values)

    return decode


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in {tuple, frozenset}


def _list_decoder(kind: Any, converter: Converter) -> Callable[[object, Any], Any]:
    """Makes a tuple of any length or a set from a list; cattrs alone takes any text or object for a list."""
    made, member = get_origin(kind), get_args(kind)[0]
    decoder = converter.get_structure_hook(member)
    return lambda data, _: made([decoder(each, member) for each in exactly(data, list)])
