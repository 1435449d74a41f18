"""Values made again from what is stored, past their constructors: those have the rules for input, which may change.

Stored values outlive releases, and machines whose Python has a newer table of Unicode. So reading checks the types of
plain values and the names of fields, and nothing that an input rule checks.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

from attrs import NOTHING, Factory, fields, has, resolve_types
from cattrs import Converter

from traffic_booking.persistence.exact import exactly

T = TypeVar("T")

_new: Final = object.__new__


def rebuilt(kind: type[T], /, **values: object) -> T:
    """A `kind` with exactly these values in its fields; a field that is left out has its default.

    No converter, validator or `__attrs_post_init__` is called, as when a value is unpickled. Raises `LookupError` if a
    field without a default is left out.
    """
    count, absent = _shape(kind)  # type: ignore[arg-type] # classes can be hashed
    return _filled(kind, count, {**absent, **values})


def altered(value: T, /, **values: object) -> T:
    """A copy of `value` with other values in some of its fields, past the constructor as well."""
    state: Any = value.__getstate__()  # attrs gives it to its classes with slots, for pickling
    return rebuilt(type(value), **{**state, **values})


def register_rebuilding(converter: Converter) -> None:
    """Make `converter` read objects and lists of all kinds without the rules for input; unknown keys are refused."""
    converter.register_structure_hook_factory(has, _reader)
    converter.register_structure_hook_factory(_is_list, _list_reader)


@cache
def _shape(kind: Any) -> tuple[int, dict[str, object]]:
    """How many fields there are, and the defaults of those that have one."""
    of_kind = fields(kind)
    assert all(each.init for each in of_kind), "what follows from other fields is a property, or it is lost here"
    defaults = {each.name: each.default for each in of_kind if each.default is not NOTHING}
    assert not any(isinstance(each, Factory) for each in defaults.values()), "a default is shared"  # type: ignore[arg-type] # a class at run time
    return len(of_kind), defaults


def _filled(kind: type[T], count: int, values: dict[str, object]) -> T:
    if len(values) != count:
        raise LookupError(f"got {len(values)} fields; expected {count}")
    value = _new(kind)
    value.__setstate__(values)  # type: ignore[attr-defined] # attrs adds it to its classes with slots, for unpickling
    return value


def _reader(kind: Any, converter: Converter) -> Callable[[object, Any], Any]:
    resolve_types(kind)
    count, absent = _shape(kind)
    readers = {each.name: (converter.get_structure_hook(each.type), each.type) for each in fields(kind)}

    def read(data: object, _kind: Any) -> Any:
        values = absent.copy()
        for name, found in exactly(data, dict).items():
            reader, type_ = readers[name]
            values[name] = reader(found, type_)
        return _filled(kind, count, values)

    return read


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in {tuple, frozenset}


def _list_reader(kind: Any, converter: Converter) -> Callable[[object, Any], Any]:
    """A tuple of any length or a set, from a list; cattrs alone takes any text or object for a list."""
    made, member = get_origin(kind), get_args(kind)[0]
    reader = converter.get_structure_hook(member)
    return lambda data, _: made([reader(each, member) for each in exactly(data, list)])
