"""JSON text straight from the fields of a value, for what every booking writes; the text says what the converter says.

By way of dictionaries it would take two to three times as long. So for each kind of record one function is made, once,
that is a format string over its fields. What is met seldom is left to the converter.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from json import JSONEncoder
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, Final, NewType, Union, get_args, get_origin

from attrs import NOTHING, Factory, fields, has, resolve_types
from cattrs import Converter

from traffic_booking.domain.actors import Actor
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.persistence.converter import TAG, actor_text
from traffic_booking.persistence.exact import REMEMBERED_INSTANTS
from traffic_booking.persistence.findings_form import findings_text

Write = Callable[[Any], str]

REMEMBERED: Final = 1_024

# Arabic stays readable, and takes a third of the room of its escapes. What the converter makes is a tree.
encode: Final = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

_EXPRESSIONS: Final[Mapping[Any, str]] = {
    int: "whole(%s)",  # of a truth value, too: constructors refuse it where it comes from outside, and readers anywhere
    bool: "(true if %s else false)",
    datetime: "instant(m if (m := %s).tzinfo is UTC else m.astimezone(UTC))",
    PersonId: "string(%s.reveal())",
    Actor: "string(actor(%s))",
    Findings: "findings(%s)",
}
"""How a plain value is written, without a function of its own: a decision has dozens of them."""
_CALLED: Final = {
    "UTC": UTC,
    "actor": actor_text,
    "false": "false",
    "findings": findings_text,
    "instant": lru_cache(maxsize=REMEMBERED_INSTANTS)(lambda moment: f'"{moment.isoformat()}"'),
    "null": "null",
    "string": encode_basestring,
    "true": "true",
    "whole": int.__repr__,
}
"""What those expressions refer to."""


class Writers:
    """Makes what writes values of a kind, once.

    `unions` are those whose members carry a tag, with the tags; `said_again` are records of which the same few come
    again and again, whose text is remembered.
    """

    def __init__(
        self,
        converter: Converter,
        unions: Collection[tuple[Any, Mapping[type, str]]] = (),
        said_again: Collection[type] = (),
    ) -> None:
        self._converter = converter
        self._unions = unions
        self._said_again = said_again
        self._made: dict[Any, Write] = {}

    def of(self, kind: Any) -> Write:
        """What writes values of `kind`: a type, a union or a new type."""
        kind = _bare(kind)
        if kind not in self._made:
            self._made[kind] = self._of(kind)
        return self._made[kind]

    def _of(self, kind: Any) -> Write:
        arguments = get_args(kind)
        if _is_text(kind):
            write: Write = encode_basestring
        elif kind in _EXPRESSIONS or self._tags(kind) is not None or _but_none(kind) is not None:
            called = dict(_CALLED)
            write = eval(f"lambda value: {self._expression('value', 'it', kind, called)}", called)  # noqa: S307 - our own
        elif get_origin(kind) is tuple and arguments[-1] is Ellipsis:
            write = _listed(self.of(arguments[0]))
        elif get_origin(kind) in {Union, UnionType} and set(map(_bare, arguments)) == {str, bool}:
            write = _truth_or_text
        elif isinstance(kind, type) and has(kind):
            write = self.record(kind)
            write = lru_cache(maxsize=REMEMBERED)(write) if kind in self._said_again else write
        else:
            to_data = self._converter.get_unstructure_hook(kind)
            write = lambda value: encode(to_data(value))  # noqa: E731 - one of many that are written so
        return write

    def record(self, kind: type, *, tag: str | None = None, without: Collection[str] = ()) -> Write:
        """What writes a record as an object, with its `tag` at the end, `without` some of its fields.

        One of the fields that are written has no default, unless nothing is written at all.
        """
        resolve_types(kind)
        called: dict[str, Any] = dict(_CALLED)
        always, seldom = "", []
        for each in fields(kind):
            if not each.init or each.name in without:
                continue
            if each.default is NOTHING:
                said = self._expression(f"value.{each.name}", each.name, each.type, called)
                always += f'{"," if always else ""}"{each.name}":{{{said}}}'
            else:
                called[f"default_{each.name}"] = _default(each.default)
                said = self._expression("found", each.name, each.type, called)
                seldom += [
                    f"    if (found := value.{each.name}) != default_{each.name}:",
                    f"""        text += f',"{each.name}":{{{said}}}'""",
                ]
        assert always or (tag is None and not seldom), "what is always written comes before what is not"
        end = "}" if tag is None else f',"{TAG}":"{tag}"}}'
        lines = ["def write(value):", f"    text = f'{{{{{always}'", *seldom, f"    return text + {end!r}"]
        # Of our own names of fields alone; as attrs makes the methods of these very classes.
        exec(compile("\n".join(lines), f"<what writes {kind.__name__}>", "exec"), called)  # noqa: S102
        write: Write = called["write"]
        return write

    def _expression(self, value: str, name: str, kind: Any, called: dict[str, Any]) -> str:
        """What writes the `value` of a field; the functions that it calls are added to `called`."""
        kind = _bare(kind)
        tags, present = self._tags(kind), _but_none(kind)
        if kind in _EXPRESSIONS:
            return _EXPRESSIONS[kind] % value
        if _is_text(kind):
            return f"string({value})"
        if tags is not None:
            called[f"write_{name}"] = {member: self.record(member, tag=tag) for member, tag in tags.items()}
            return f"write_{name}[type(v := {value})](v)"
        if present is not None:
            return f"(null if (o := {value}) is None else {self._expression('o', name, present, called)})"
        called[f"write_{name}"] = self.of(kind)
        return f"write_{name}({value})"

    def _tags(self, kind: Any) -> Mapping[type, str] | None:
        return next((tags for union, tags in self._unions if union == kind), None)


def _bare(kind: Any) -> Any:
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    return kind


def _truth_or_text(value: str | bool) -> str:  # noqa: FBT001 - it is what is written
    return "true" if value is True else "false" if value is False else encode(value)


def _but_none(kind: Any) -> Any:
    """The kind of an optional value if it is there; None if the kind is no optional one."""
    kinds = get_args(kind)
    if get_origin(kind) not in {Union, UnionType} or NoneType not in kinds or len(kinds) != len((kind, None)):
        return None
    return next(each for each in kinds if each is not NoneType)


def _is_text(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, str)


def _default(default: Any) -> object:
    return default.factory() if isinstance(default, Factory) else default  # type: ignore[arg-type] # a class at run time


def _listed(write: Write) -> Write:
    return lambda values: f"[{','.join(map(write, values))}]"
