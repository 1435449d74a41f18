"""JSON text straight from the fields of a value, for what every booking writes; the text says what the converter says.

By way of dictionaries it would take longer. What is met seldom is left to the converter.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from json import JSONEncoder
from json.encoder import encode_basestring
from types import NoneType
from typing import Any, Final, NewType, get_args, get_origin

from attrs import NOTHING, Factory, fields, has, resolve_types
from cattrs import Converter

from traffic_booking.domain.actors import Actor
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.services import ServiceTerms
from traffic_booking.wire.converter import TAG, actor_text
from traffic_booking.wire.exact import instant_text
from traffic_booking.wire.findings_form import findings_text

Write = Callable[[Any], str]

REMEMBERED_SERVICES: Final = 1_024

# Arabic stays readable, and takes a third of the room of its escapes. What the converter makes is a tree.
encode: Final = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode

_PLAIN: Final[Mapping[Any, Write]] = {
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    datetime: lambda moment: f'"{instant_text(moment)}"',
    PersonId: lambda person: f'"{person.reveal()}"',
    Actor: lambda actor: encode_basestring(actor_text(actor)),
    Findings: findings_text,
}


class Writers:
    """Makes what writes values of a kind: `unions` are those whose members carry a tag, with the tags.

    A record has at least one field without a default.
    """

    def __init__(self, converter: Converter, unions: Collection[tuple[Any, Mapping[type, str]]]) -> None:
        self._converter = converter
        self._unions = unions

    def of(self, kind: Any) -> Write:
        """What writes values of `kind`: a type, a union or a new type."""
        arguments = get_args(kind)
        tags = next((tags for union, tags in self._unions if union == kind), None)
        if isinstance(kind, NewType):
            write = self.of(kind.__supertype__)
        elif tags is not None:
            write = self._tagged(tags)
        elif kind in _PLAIN:
            write = _PLAIN[kind]
        elif isinstance(kind, type) and issubclass(kind, str):
            write = encode_basestring
        elif get_origin(kind) is tuple:
            write = _listed(self.of(arguments[0]))
        elif NoneType in arguments and len(arguments) == len((kind, None)):
            write = _optional(self.of(next(other for other in arguments if other is not NoneType)))
        elif isinstance(kind, type) and has(kind):
            write = self._whole(kind)
        else:
            to_data = self._converter.get_unstructure_hook(kind)
            write = lambda value: encode(to_data(value))  # noqa: E731 - one of many that are written so
        return write

    def parts(self, kind: type, *, without: Collection[str] = ()) -> Write:
        """What writes the fields of a record, `without` some, as they stand between the braces."""
        resolve_types(kind)
        always: list[tuple[str, str, Write]] = []
        seldom: list[tuple[str, str, object, Write]] = []
        for each in fields(kind):
            if not each.init or each.name in without:
                continue
            write = self.of(each.type)
            if each.default is NOTHING:
                always.append((f'{"," if always else ""}"{each.name}":', each.name, write))
            else:
                seldom.append((f',"{each.name}":', each.name, _default(each.default), write))

        def parts(value: Any) -> str:
            text = "".join([said + write(getattr(value, name)) for said, name, write in always])
            for said, name, default, write in seldom:
                if (found := getattr(value, name)) != default:
                    text += said + write(found)
            return text

        return parts

    def _whole(self, kind: type) -> Write:
        parts = self.parts(kind)

        def write(value: Any) -> str:
            return f"{{{parts(value)}}}"

        # Of each catalogue there are few, said again with every booking.
        return lru_cache(maxsize=REMEMBERED_SERVICES)(write) if kind is ServiceTerms else write

    def _tagged(self, tags: Mapping[type, str]) -> Write:
        members = {kind: (self.parts(kind), f'"{TAG}":"{tag}"') for kind, tag in tags.items()}

        def write(value: Any) -> str:
            parts, tag = members[type(value)]
            return f"{{{parts(value)},{tag}}}"

        return write


def _default(default: Any) -> object:
    return default.factory() if isinstance(default, Factory) else default  # type: ignore[arg-type] # a class at run time


def _listed(write: Write) -> Write:
    return lambda values: f"[{','.join(map(write, values))}]"


def _optional(write: Write) -> Write:
    return lambda value: "null" if value is None else write(value)
