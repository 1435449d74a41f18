"""The one converter between values and JSON-able data, with the tag of every member of a union."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.strategies import configure_tagged_union

from traffic_booking.domain.actors import Actor, Clerk, Delegate, System
from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
    HoldReleased,
)
from traffic_booking.domain.identity import Holder, PersonId, person_id
from traffic_booking.domain.outcomes import Booked, Cancelled, CheckedIn, Declared, Held, Moved, Outcome, Refused
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase, Case, DeclarationCase, MoveCase
from traffic_booking.domain.rules.verdict import Finding, Findings, Observation
from traffic_booking.domain.services import InstructionsVersion, ServiceId, instructions_version
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
    MoveAppointment: "move",
    CheckInApplicant: "check-in",
    DeclareRecord: "declare",
}
OUTCOME_TAGS: Final[Mapping[type, str]] = {
    Held: "held",
    Booked: "booked",
    Cancelled: "cancelled",
    Moved: "moved",
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
    AppointmentMoved: "moved",
    AppointmentCheckedIn: "checked-in",
}
RECORD_TAGS: Final[Mapping[type, str]] = {
    MonthStart: "month-start",
    AnnouncedClosure: "closure",
    SpecialOrder: "order",
    BranchException: "exception",
    Withdrawal: "withdrawal",
}

CASE_TAGS: Final[Mapping[type, str]] = {
    BookingCase: "of-slot",
    MoveCase: "of-move",
    AppointmentCase: "of-appointment",
    DeclarationCase: "of-calendar",
}
_NAMES: Final = (frozenset[str], frozenset[ServiceId])
"""Sets of names, written in their order."""

_LATER: Final[Mapping[type, str]] = {
    Appointment: "moves",
    HoldSlot: "assertions",
    BookSlot: "assertions",
    AppointmentCase: "open_hours",
}
"""What came to a value later, and is left out where it is as it was before: the text stays the same."""

_UNIONS: Final[tuple[tuple[Any, Mapping[type, str]], ...]] = (
    (CalendarRecord, RECORD_TAGS),  # first: commands and outcomes hold records
    (Case, CASE_TAGS),
    (Command, COMMAND_TAGS),
    (Outcome, OUTCOME_TAGS),
    (AppointmentEvent, EVENT_TAGS),
)


def new_converter() -> Converter:
    """A converter that knows what stores keep and tell, and nothing else: requests, answers, events, records."""
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
    converter.register_structure_hook(Holder, lambda text, _: Holder(text))
    converter.register_unstructure_hook_func(lambda kind: kind in _NAMES, sorted)
    converter.register_unstructure_hook(Findings, _findings_data)
    converter.register_structure_hook(Findings, lambda data, _: _findings(data))
    for kind, later in _LATER.items():
        options: dict[str, Any] = {later: override(omit_if_default=True)}
        converter.register_unstructure_hook(kind, make_dict_unstructure_fn(kind, converter, **options))
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
    """An actor as a tag and, after a colon, a name: `person:…`, `delegate:…`, `clerk:…` or `system`."""
    match actor:
        case PersonId():
            return f"person:{actor.reveal()}"
        case Delegate():
            services = ",".join(sorted(actor.services))
            return f"delegate:{actor.person.reveal()}:{actor.applicant.reveal()}:{services}:{instant_text(actor.until)}"
        case Clerk():
            return f"clerk:{actor.id}"
        case System():
            return "system"


def _actor(text: object) -> Actor:
    match _exactly(text, str).partition(":"):
        case "person", ":", digits:
            return person_id(digits)
        case "delegate", ":", parts:
            person, applicant, services, until = parts.split(":", 3)
            return Delegate(
                person=person_id(person),
                applicant=person_id(applicant),
                services=services.split(","),
                until=_instant(until),
            )
        case "clerk", ":", name:
            return Clerk(name)
        case "system", "", "":
            return System()
        case _:
            raise ValueError("got an actor of no known kind; expected person:…, delegate:…, clerk:… or system")


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


def _findings_data(findings: Findings) -> dict[str, list[object]]:
    """Each rule's word as a list, less what it leaves out at its end."""
    return {rule_id: _word_data(word) for rule_id, word in zip(findings.rule_ids, findings.words, strict=True)}


def _word_data(word: Finding) -> list[object]:
    told = 4 if word[3] is not None else 3 if word[2] is not None else 2 if word[1] is not None else 1
    return [word[0], *(_observation_data(part) for part in word[1:told])]


def _findings(data: object) -> Findings:
    words = {_exactly(rule_id, str): _word(word) for rule_id, word in _exactly(data, dict).items()}
    return Findings(tuple(words), tuple(words.values()))


def _word(data: object) -> Finding:
    granted, observed, limit, allowed_from = (*_exactly(data, list), None, None, None)[:4]
    from_ = _observation(allowed_from)
    if from_ is not None and not isinstance(from_, datetime):
        raise TypeError("got another observation; expected an instant")
    return _exactly(granted, bool), _observation(observed), _observation(limit), from_
