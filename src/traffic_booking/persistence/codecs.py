"""A codec for each kind of value that is stored as JSON text, or as a part of it, with the tags of unions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from json import loads
from typing import Any, Final, Generic, TypeVar

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.states import AppointmentState, Arrival
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Excused,
    Held,
    Moved,
    NoShowRecorded,
    Outcome,
    Refused,
    Served,
    WalkedIn,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import Holder, InstructionsVersion, ServiceConditions, ServiceId
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.rules.verdict import Observation, Result
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    register_rebuilding,
    to_json,
)
from traffic_booking.persistence.value_codecs import (
    decode_actor,
    decode_applicant,
    decode_observation,
    encode_actor,
    encode_observation,
    register_days,
)

T = TypeVar("T")

TAG: Final = "kind"
"""The key of the tag of a member of a union."""

COMMAND_TAGS: Final[Mapping[type, str]] = {
    HoldSlot: "hold",
    BookSlot: "book",
    CancelAppointment: "cancel",
    MoveAppointment: "move",
    CheckInApplicant: "check-in",
    WalkIn: "walk-in",
    ServeApplicant: "serve",
    RecordNoShow: "no-show",
    ExcuseNoShow: "excuse",
    DeclareRecord: "declare",
}
OUTCOME_TAGS: Final[Mapping[type, str]] = {
    Held: "held",
    Booked: "booked",
    Cancelled: "cancelled",
    Moved: "moved",
    CheckedIn: "checked-in",
    WalkedIn: "walked-in",
    Served: "served",
    NoShowRecorded: "no-show",
    Excused: "excused",
    Declared: "declared",
    Refused: "refused",
}
RECORD_TAGS: Final[Mapping[type, str]] = {
    MonthStart: "month-start",
    AnnouncedClosure: "closure",
    SpecialOrder: "order",
    BranchException: "exception",
    Withdrawal: "withdrawal",
}

_NAMES: Final = (frozenset[str], frozenset[ServiceId])
"""Sets of names, written in their order."""

_UNIONS: Final[tuple[tuple[Any, Mapping[type, str]], ...]] = (
    (CalendarRecord, RECORD_TAGS),  # first: commands and outcomes have records
    (Command, COMMAND_TAGS),
    (Outcome, OUTCOME_TAGS),
)


def _new_converter() -> Converter:
    """A converter for requests, outcomes, calendar records and their parts, and for nothing else."""
    # Detailed validation would collect the offending values in the error: they may be personal. A value that is the
    # default of its field is left out, so a default may not change once something was written.
    converter = Converter(forbid_extra_keys=True, detailed_validation=False, omit_if_default=True)
    register_rebuilding(converter)
    for plain in (str, int, bool):
        converter.register_structure_hook(plain, exactly)
    for name in (
        AppointmentState,
        Arrival,
        Effect,
        Holder,
        Result,
    ):  # without its own, a StrEnum would get the hook of str
        converter.register_structure_hook(name, lambda text, kind: kind(text))
    register_days(converter)
    converter.register_unstructure_hook(datetime, encode_instant)
    converter.register_structure_hook(datetime, lambda text, _: decode_instant(text))
    converter.register_unstructure_hook(Applicant, str)
    converter.register_structure_hook(Applicant, lambda text, _: decode_applicant(text))
    converter.register_unstructure_hook(Actor, encode_actor)
    converter.register_structure_hook(Actor, lambda text, _: decode_actor(text))
    agreed = InstructionsVersion | bool
    converter.register_unstructure_hook(agreed, lambda value: value)
    converter.register_structure_hook(agreed, lambda data, _: data if isinstance(data, bool) else exactly(data, str))
    converter.register_unstructure_hook_func(lambda kind: kind in _NAMES, sorted)
    converter.register_unstructure_hook(Observation, encode_observation)
    converter.register_structure_hook(Observation, lambda data, _: decode_observation(data))
    for union, tags in _UNIONS:
        configure_tagged_union(union, converter, tag_generator=tags.__getitem__, tag_name=TAG)
    return converter


_CONVERTER: Final = _new_converter()


class Codec(Generic[T]):
    """Writes one kind of value as JSON, and reads it back."""

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._encode = _CONVERTER.get_unstructure_hook(kind)
        self._decode = _CONVERTER.get_structure_hook(kind)
        self._kind = kind

    def data(self, value: T) -> dict[str, Any]:
        """Return `value` as JSON-able data, the caller's own."""
        made = self._encode(value)
        assert isinstance(made, dict)
        return made

    def text(self, value: T) -> str:
        """Return `value` as JSON text."""
        return to_json(self._encode(value))

    def from_data(self, data: object) -> T:
        """Return the value of `data`.

        Raises:
            InvalidInput: `data` was not written by this codec. The message quotes nothing of it.
        """
        return self._read(lambda: data)

    def from_text(self, text: str) -> T:
        """Return the value of its JSON text.

        Raises:
            InvalidInput: `text` was not written by this codec. The message quotes nothing of it.
        """
        return self._read(lambda: loads(text))

    def _read(self, source: Callable[[], object]) -> T:
        try:
            value: T = self._decode(source(), self._kind)
            return value
        except Exception as error:  # noqa: BLE001 - data may be wrong in any way, and each is the same fault
            fault = type(error).__name__
        # Outside the handler, so that no error that quotes a person's data is chained to this one.
        raise InvalidInput(f"stored {self.name}", got=f"what can't be read ({fault})", expected="as written")


ASSERTED: Final[Codec[Assertions]] = Codec("assertions", Assertions)
COMMAND: Final[Codec[Command]] = Codec("command", Command)
ENTRY: Final[Codec[CalendarEntry]] = Codec("calendar entry", CalendarEntry)
OUTCOME: Final[Codec[Outcome]] = Codec("outcome", Outcome)
RECORD: Final[Codec[CalendarRecord]] = Codec("calendar record", CalendarRecord)
SUSPENSION: Final[Codec[Suspension]] = Codec("suspension", Suspension)
SERVICE_CONDITIONS: Final[Codec[ServiceConditions]] = Codec("service terms", ServiceConditions)


def storable_record(record: object) -> CalendarRecord:
    """`record`, if a store returns it unchanged: every desk reads every record. Raises `InvalidInput`."""
    if type(record) not in RECORD_TAGS:
        raise InvalidInput("record", got=type(record).__name__, expected="a record of the working calendar")
    try:
        read = RECORD.from_text(RECORD.text(record).encode().decode())  # type: ignore[arg-type] # its tag was found
        is_same = read == record
    except Exception:  # noqa: BLE001 - a value of another type may fail in any way
        read, is_same = None, False
    if read is None or not is_same:
        raise InvalidInput("record", got="one that can't be read back", expected="values of the declared types")
    return read
