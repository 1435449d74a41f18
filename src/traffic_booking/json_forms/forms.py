"""The form of each public value: its members, made of its fields; shapes are found by type."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, field, fields, frozen, has, resolve_types

from traffic_booking.domain.value_input import is_a
from traffic_booking.json_forms import shapes
from traffic_booking.json_forms.shapes import (
    Json,
    Shape,
    checked,
    fault,
    inside,
    name_in,
    object_of,
    unknown_member,
    wrong,
)

Derived = Mapping[str, tuple[Callable[[Any], Any], Any]]
"""Members that follow from others: for each how it is read from a value, and its type."""


@frozen(kw_only=True)
class Form:
    """How a class is written, beyond its fields.

    `kind` is the tag of a class that is a member of a union. The members of the fields in `flat` stand among the form's
    own. `renamed` has other names for fields. `derived` members follow from the others: they may be left out when a
    value is read, and are compared if they are there. `shown` reads members in another way than by name, and `shapes`
    replaces the shapes of fields. Fields in `omitted`, which have defaults, are neither written nor read. A member is
    read from the attribute of its name if there is one: an appointment's `starts_at` is in the branch's time. A
    `sparse` form leaves out members that have their defaults. `made` makes the value of its fields, if not the class
    itself does.
    """

    kind: str | None = None
    flat: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(factory=dict)
    derived: Derived = field(factory=dict)
    shown: Mapping[str, Callable[[Any], Any]] = field(factory=dict)
    shapes: Mapping[str, Shape] = field(factory=dict)
    omitted: tuple[str, ...] = ()
    sparse: bool = False
    made: Callable[..., Any] | None = None


FORMS: Final[dict[type, Form]] = {}
"""The forms of the public classes: `registry` fills it."""
NAMED: Final[dict[Any, Shape]] = {}
"""The shapes of types that a function checks, such as `AppointmentNumber`, and of unions that have one of their own."""
SUBCLASSES: Final[dict[Any, tuple[type, ...]]] = {}
"""The classes of an abstract one."""
DEFINITIONS: Final[dict[str, Mapping[str, Json]]] = {}
"""The schema of each object, by the name of its class."""


@cache
def shape_of(kind: Any) -> Shape:
    """The shape of a type. Raises `TypeError` for a type that has no JSON form."""
    if known := NAMED.get(kind) or shapes.PLAIN.get(kind):
        return known
    if kind in FORMS or get_origin(kind) in FORMS:
        return _object_form(get_origin(kind) or kind).shape
    if kind in SUBCLASSES:
        return _one_of((kind,))
    if isinstance(kind, TypeVar):
        return _one_of(kind.__constraints__)
    if isinstance(kind, type) and hasattr(kind, "__members__"):
        return shapes.member_of(kind)
    return shape_of(kind.__supertype__) if hasattr(kind, "__supertype__") else _generic(kind)


def _generic(kind: Any) -> Shape:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _one_of(inner)
    if origin is Literal and all(isinstance(each, str) for each in inner):
        return shapes.one_text(inner)
    if inner and origin in {tuple, frozenset}:
        return shapes.list_of(shape_of(inner[0]), origin)
    if inner and isinstance(origin, type) and issubclass(origin, Mapping):
        return shapes.ANY_OBJECT if inner[1] is object else shapes.map_of(shape_of(inner[1]))
    raise TypeError(f"{kind} has no JSON form")


def _one_of(kinds: tuple[Any, ...]) -> Shape:
    """One of several objects, by its `kind`; or null."""
    inner = tuple(each for each in kinds if each is not NoneType)
    if len(inner) == 1 and inner[0] not in SUBCLASSES:
        return shapes.optional(shape_of(inner[0]))
    classes = [one for each in inner for one in SUBCLASSES.get(each, (get_origin(each) or each,))]
    if any(each not in FORMS or FORMS[each].kind is None for each in classes):
        raise TypeError(f"one of {kinds} has no kind, so that JSON does not show which of them it is")
    by_class = {each: _object_form(each) for each in classes}
    by_kind = {each.form.kind: each for each in by_class.values()}
    expected = ", ".join(str(kind) for kind in by_kind)

    def read(data: Json, place: str) -> Any:
        given = object_of(data, place)
        tag = given.get("kind")
        kind = by_kind.get(name_in(tag, place)) if is_a(tag, str) else None
        if kind is None:
            raise wrong(inside(place, "kind"), tag, expected)
        return kind.read(given, place)

    schema = {"oneOf": [each.shape.schema for each in by_kind.values()]}
    shape = Shape(lambda value: by_class[type(value)].write(value), read, schema)
    return shape if len(inner) == len(kinds) else shapes.optional(shape)


@cache
def _object_form(kind: type) -> _ObjectForm:
    return _ObjectForm(kind, FORMS[kind])


class _Member(NamedTuple):
    """A member of an object: its name, its field, its shape, and its default."""

    name: str
    field: str
    shape: Shape
    default: object


class _ObjectForm:
    """Writes and reads the objects of one class."""

    def __init__(self, kind: type, form: Form) -> None:
        self.form = form
        self._kind = kind
        self._flat = {name: _object_form(type_) for name, type_, _ in _fields_of(kind) if name in form.flat}
        self._own = [
            _Member(form.renamed.get(name, name), name, form.shapes.get(name) or shape_of(type_), default)
            for name, type_, default in _fields_of(kind)
            if name not in {*form.flat, *form.omitted}
        ]
        self.members: list[_Member] = [*(each for flat in self._flat.values() for each in flat.members), *self._own]
        self._derived = {name: (derive, shape_of(type_)) for name, (derive, type_) in form.derived.items()}
        tag = {"kind": {"const": form.kind}} if form.kind else {}
        self._known = [*tag, *(each.name for each in self.members), *self._derived]
        self.shape = Shape(self.write, self.read, {"$ref": f"#/$defs/{kind.__name__}"})
        DEFINITIONS[kind.__name__] = {
            "type": "object",
            "properties": {
                **tag,
                **{each.name: each.shape.schema for each in self.members},
                **{name: shape.schema for name, (_, shape) in self._derived.items()},
            },
            "required": [*tag, *(each.name for each in self.members if each.default is NOTHING)],
            "additionalProperties": False,
        }

    def write(self, value: Any, *, derived: bool = True) -> dict[str, Json]:
        """The object of a value; its own members alone if the derived ones are not wanted."""
        written: dict[str, Json] = {"kind": self.form.kind} if self.form.kind else {}
        for name, flat in self._flat.items():
            parts = flat.write(getattr(value, name), derived=False)
            for each in flat.members:
                seen = hasattr(value, each.name)
                written[each.name] = each.shape.write(getattr(value, each.name)) if seen else parts[each.name]
        for each in self._own:
            found = self._value_of(value, each)
            if not (self.form.sparse and found == each.default):
                written[each.name] = each.shape.write(found)
        if derived:
            written |= {name: shape.write(derive(value)) for name, (derive, shape) in self._derived.items()}
        return written

    def read(self, data: Json, place: str) -> Any:
        """The value of an object. Raises `InvalidInput`."""
        given = object_of(data, place)
        for name in given:
            if name not in self._known:
                raise unknown_member(place, name, self._known)
        if self.form.kind and name_in(given.get("kind"), inside(place, "kind")) != self.form.kind:
            raise fault(inside(place, "kind"), "another kind", self.form.kind)
        value = self.build(given, place)
        for name, (derive, shape) in self._derived.items():
            if name in given and not checked(
                place,
                lambda: _is_same(given[name], shape.write(derive(value)), inside(place, name)),  # noqa: B023
            ):
                raise fault(inside(place, name), "another value", "the one that follows from the other members")
        return value

    def build(self, data: Mapping[str, Json], place: str) -> Any:
        """The value of the members in `data`, which may have others."""
        values = {name: flat.build(data, place) for name, flat in self._flat.items()}
        for each in self._own:
            if each.name in data:
                values[each.field] = each.shape.read(data[each.name], inside(place, each.name))
            elif each.default is NOTHING:
                raise fault(inside(place, each.name), "nothing", "a value")
        return checked(place, lambda: (self.form.made or self._kind)(**values), self._known)

    def _value_of(self, value: Any, member: _Member) -> Any:
        if member.name in self.form.shown:
            return self.form.shown[member.name](value)
        return getattr(value, member.name if hasattr(value, member.name) else member.field)


def _is_same(given: Json, follows: Json, place: str) -> bool:
    return bool(given == follows) or (isinstance(given, str) and name_in(given, place) == follows)


def _fields_of(kind: Hashable) -> list[tuple[str, Any, object]]:
    """The names, types and defaults of a class's arguments."""
    of_class: Any = kind
    if has(of_class):
        resolve_types(of_class)
        return [(each.alias, each.type, each.default) for each in fields(of_class) if each.init]
    hints = get_type_hints(of_class)  # a NamedTuple
    return [(name, hints[name], of_class._field_defaults.get(name, NOTHING)) for name in of_class._fields]
