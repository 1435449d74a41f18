"""The one converter between values and JSON-able data, with the tag of every member of a union."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from traffic_booking.domain.actors import Actor, Clerk, System
from traffic_booking.domain.appointments import AppointmentState
from traffic_booking.domain.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
)
from traffic_booking.domain.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentHeld,
    HoldExpired,
    HoldReleased,
)
from traffic_booking.domain.identity import PersonId, person_id
from traffic_booking.domain.outcomes import Booked, Cancelled, CheckedIn, Declared, Held, Outcome, Refused
from traffic_booking.domain.rules.verdict import Observation
from traffic_booking.domain.services import InstructionsVersion, instructions_version
from traffic_booking.domain.working_time import (
    AnnouncedClosure,
    BranchException,
    CalendarRecord,
    Effect,
    MonthStart,
    SpecialOrder,
    Withdrawal,
)
from traffic_booking.wire.calendar_forms import register_calendar_forms

TAG: Final = "kind"
"""The key under which a member of a union says which one it is."""

COMMAND_TAGS: Final[Mapping[type, str]] = {
    HoldSlot: "hold",
    BookSlot: "book",
    CancelAppointment: "cancel",
    CheckInApplicant: "check-in",
    DeclareRecord: "declare",
}
OUTCOME_TAGS: Final[Mapping[type, str]] = {
    Held: "held",
    Booked: "booked",
    Cancelled: "cancelled",
    CheckedIn: "checked-in",
    Declared: "declared",
    Refused: "refused",
}
EVENT_TAGS: Final[Mapping[type, str]] = {
    AppointmentHeld: "held",
    AppointmentBooked: "booked",
    HoldExpired: "hold-expired",
    HoldReleased: "hold-released",
    AppointmentCancelled: "cancelled",
    AppointmentCheckedIn: "checked-in",
}
RECORD_TAGS: Final[Mapping[type, str]] = {
    MonthStart: "month-start",
    AnnouncedClosure: "closure",
    SpecialOrder: "order",
    BranchException: "exception",
    Withdrawal: "withdrawal",
}

_UNIONS: Final[tuple[tuple[Any, Mapping[type, str]], ...]] = (
    (CalendarRecord, RECORD_TAGS),  # first: commands and outcomes hold records
    (Command, COMMAND_TAGS),
    (Outcome, OUTCOME_TAGS),
    (AppointmentEvent, EVENT_TAGS),
)


def new_converter() -> Converter:
    """A converter that knows commands, outcomes, verdicts, events, appointments and calendar records, no more."""
    # Detailed validation would gather the offending values into the error: they may be personal.
    converter = Converter(forbid_extra_keys=True, detailed_validation=False)
    for exact in (str, int, bool):
        converter.register_structure_hook(exact, _exactly)
    # Without its own, a StrEnum would get the hook of str.
    converter.register_structure_hook(AppointmentState, lambda text, _: AppointmentState(text))
    converter.register_structure_hook(Effect, lambda text, _: Effect(text))
    register_calendar_forms(converter)
    converter.register_unstructure_hook(datetime, instant_text)
    converter.register_structure_hook(datetime, lambda text, _: _instant(text))
    converter.register_unstructure_hook(PersonId, lambda person: person.reveal())
    converter.register_structure_hook(PersonId, lambda digits, _: person_id(digits))
    converter.register_unstructure_hook(Actor, actor_text)
    converter.register_structure_hook(Actor, lambda text, _: _actor(text))
    converter.register_unstructure_hook(Observation, _observation_data)
    converter.register_structure_hook(Observation, lambda data, _: _observation(data))
    agreed = InstructionsVersion | bool
    converter.register_unstructure_hook(agreed, lambda value: value)
    converter.register_structure_hook(
        agreed, lambda data, _: data if isinstance(data, bool) else instructions_version(data)
    )
    for union, tags in _UNIONS:
        configure_tagged_union(union, converter, tag_generator=tags.__getitem__, tag_name=TAG)
    return converter


def instant_text(moment: datetime) -> str:
    """An instant in ISO 8601, in UTC, to the microsecond where it has any."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()


def _instant(text: object) -> datetime:
    moment = datetime.fromisoformat(_exactly(text, str))
    if moment.utcoffset() != timedelta(0):
        raise ValueError("got an instant elsewhere; expected one in UTC")
    return moment.replace(tzinfo=UTC)


def _exactly(value: Any, wanted: Any) -> Any:
    if type(value) is not wanted:
        raise TypeError(f"got {type(value).__name__}; expected {wanted.__name__}")
    return value


def actor_text(actor: Actor) -> str:
    """An actor as a tag and, after a colon, a name: `person:…`, `clerk:…` or `system`."""
    match actor:
        case PersonId():
            return f"person:{actor.reveal()}"
        case Clerk():
            return f"clerk:{actor.id}"
        case System():
            return "system"


def _actor(text: object) -> Actor:
    match _exactly(text, str).partition(":"):
        case "person", ":", digits:
            return person_id(digits)
        case "clerk", ":", name:
            return Clerk(name)
        case "system", "", "":
            return System()
        case _:
            raise ValueError("got an actor of no known kind; expected person:…, clerk:… or system")


def _observation_data(observation: Observation) -> object:
    return {"instant": instant_text(observation)} if isinstance(observation, datetime) else observation


def _observation(data: object) -> Observation:
    match data:
        case None | str() | int():
            return data
        case {"instant": text, **others} if not others:
            return _instant(text)
        case _:
            raise TypeError(f"got {type(data).__name__}; expected text, a whole number, an instant or nothing")
