"""The one converter between values and JSON-able data, with the tag of every member of a union."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from cattrs import Converter
from cattrs.strategies import configure_tagged_union

from traffic_booking.domain.appointments.appointment import AppointmentState
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
    HoldReleased,
)
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Held,
    Moved,
    Outcome,
    Refused,
)
from traffic_booking.domain.people.actors import Actor, Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.services import Holder, InstructionsVersion, ServiceId
from traffic_booking.domain.rules.verdict import Observation
from traffic_booking.domain.schedule.entries import CalendarRecord, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.persistence.appointment_codec import applicant_of
from traffic_booking.persistence.calendar_codecs import register_calendar_forms
from traffic_booking.persistence.exact import exactly, instant_of, instant_text
from traffic_booking.persistence.findings_codec import observation_data, observation_of
from traffic_booking.persistence.rebuilding import rebuilt, register_rebuilding

TAG: Final = "kind"
"""The key of the tag of a member of a union."""

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

_NAMES: Final = (frozenset[str], frozenset[ServiceId])
"""Sets of names, written in their order."""

_UNIONS: Final[tuple[tuple[Any, Mapping[type, str]], ...]] = (
    (CalendarRecord, RECORD_TAGS),  # first: commands and outcomes hold records
    (Command, COMMAND_TAGS),
    (Outcome, OUTCOME_TAGS),
)


def new_converter() -> Converter:
    """A converter for requests, outcomes, calendar records and their parts, and for nothing else."""
    # Detailed validation would gather the offending values into the error: they may be personal. Values that are the
    # default of their field are left out, so that a default may not change once something was written.
    converter = Converter(forbid_extra_keys=True, detailed_validation=False, omit_if_default=True)
    register_rebuilding(converter)
    for exact in (str, int, bool):
        converter.register_structure_hook(exact, exactly)
    # Without its own, a StrEnum would get the hook of str.
    converter.register_structure_hook(AppointmentState, lambda text, _: AppointmentState(text))
    converter.register_structure_hook(Effect, lambda text, _: Effect(text))
    register_calendar_forms(converter)
    converter.register_unstructure_hook(datetime, instant_text)
    converter.register_structure_hook(datetime, lambda text, _: instant_of(text))
    converter.register_unstructure_hook(Applicant, str)
    converter.register_structure_hook(Applicant, lambda text, _: applicant_of(text))
    converter.register_unstructure_hook(Actor, actor_text)
    converter.register_structure_hook(Actor, lambda text, _: actor_of_text(text))
    agreed = InstructionsVersion | bool
    converter.register_unstructure_hook(agreed, lambda value: value)
    converter.register_structure_hook(agreed, lambda data, _: data if isinstance(data, bool) else exactly(data, str))
    converter.register_structure_hook(Holder, lambda text, _: Holder(text))
    converter.register_unstructure_hook_func(lambda kind: kind in _NAMES, sorted)
    converter.register_unstructure_hook(Observation, observation_data)
    converter.register_structure_hook(Observation, lambda data, _: observation_of(data))
    for union, tags in _UNIONS:
        configure_tagged_union(union, converter, tag_generator=tags.__getitem__, tag_name=TAG)
    return converter


def actor_text(actor: Actor) -> str:
    """An actor: `citizen:…` or `resident:…` with a subject, `delegate:…`, `clerk:…` or `system`."""
    match actor:
        case Applicant():
            return str(actor)
        case Delegate():
            services = ",".join(sorted(actor.services))
            return f"delegate:{actor.person}:{actor.applicant}:{services}:{instant_text(actor.until)}"
        case Clerk():
            return f"clerk:{actor.id}"
        case System():
            return "system"


def actor_of_text(text: object) -> Actor:
    """The actor that `text` stands for."""
    match exactly(text, str).partition(":"):
        case (("citizen" | "resident"), ":", _):
            return applicant_of(text)
        case "delegate", ":", parts:
            *two, services, until = parts.split(":", 5)
            person, applicant = (applicant_of(":".join(each)) for each in (two[:2], two[2:]))
            within = frozenset(services.split(","))
            return rebuilt(Delegate, person=person, applicant=applicant, services=within, until=instant_of(until))
        case "clerk", ":", name:
            return rebuilt(Clerk, id=name)
        case "system", "", "":
            return System()
        case _:
            raise ValueError(
                "got an actor of no known kind; expected a holder and a subject, delegate:…, clerk:… or system"
            )
