"""A person's own data: all that a store holds about one person, to be handed over to them."""

from datetime import datetime

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.explanations import use_of
from traffic_booking.domain.decisions.outcomes import Answer, Refused
from traffic_booking.domain.decisions.recording import named_number
from traffic_booking.domain.inquiries.occurrences import Occurrence, place_of
from traffic_booking.domain.instants import in_utc_if_set, instant
from traffic_booking.domain.people.actors import Actor, Auditor, Delegate
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class OwnSession:
    """A sign-in session: it began at `started_at` and ends at `ends_at` (UTC); `ended` if it was ended earlier."""

    started_at: datetime = field(converter=instant)
    ends_at: datetime = field(converter=instant)
    ended: bool


@frozen(kw_only=True)
class OwnAppointment:
    """An appointment of the person, of any state, with its events from first to last."""

    appointment: Appointment
    events: tuple[AppointmentEvent, ...]


@frozen(kw_only=True)
class OwnDecision:
    """A decision about the person: which request, when (UTC), and the outcome.

    `verdicts` are those of the broken rules. `number` and `slot` are those of the request or of its appointment, if it
    has one. `assertions` and `evidence` are what was asserted about the person, until it is pruned.

    `actor` and `request_id` are None if it was another person, who was not acting for this one. `verdicts`, `slot`,
    `assertions` and `evidence` are left out then, and if the applicant is another: they may show this other person.
    """

    use: Use
    decided_at: datetime = field(converter=instant)
    granted: bool
    rulebook: str
    actor: Actor | None = None
    request_id: RequestId | None = None
    verdicts: tuple[Verdict, ...] = ()
    number: AppointmentNumber | None = None
    slot: SlotKey | None = None
    assertions: Assertions | None = field(default=None, repr=False)
    evidence: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class OwnData:
    """All that the store holds about one person, at `made_at` (UTC). `repr` omits the id and the user name.

    - `person_id`, `user_name`: in full for the person themself, masked for staff; there may be no user name;
    - `subject`: the person's random name in the store;
    - `registered_at` (UTC);
    - `has_password`: there is a hash of one, which is never shown; `failed_sign_ins` since the last success;
    - `sessions`, by their end; `appointments`, the latest start first; `decisions`, first to last;
    - `delegates`: who acted, or tried to act, for the person, by their subjects;
    - `look_ups`: who looked at the id or the data, and why, this time included;
    - `acts`: what the person or a delegate did, or tried, about appointments of others; it shows nothing of others.
    """

    person_id: str = field(repr=False)
    subject: Subject
    made_at: datetime = field(converter=instant)
    registered_at: datetime | None = field(converter=in_utc_if_set)
    user_name: str | None = field(repr=False)
    has_password: bool
    failed_sign_ins: int
    sessions: tuple[OwnSession, ...]
    appointments: tuple[OwnAppointment, ...]
    decisions: tuple[OwnDecision, ...]
    delegates: tuple[Delegate[Applicant], ...]
    look_ups: tuple[Occurrence, ...]
    acts: tuple[Occurrence, ...]


def is_about(occurrence: Occurrence, subject: Subject, numbers: frozenset[str]) -> bool:
    """True if an occurrence is about the person, or about one of their appointments (`numbers`)."""
    return occurrence.subject == subject or occurrence.number in numbers


def decides_about(answer: Answer, subject: Subject, numbers: frozenset[str]) -> bool:
    """True if an answer is about the person, or about one of their appointments (`numbers`)."""
    return place_of(answer).subject == subject or named_number(answer.command) in numbers


def decision_of(answer: Answer, subject: Subject, numbers: frozenset[str]) -> OwnDecision:
    """The decision of an answer about the person, whose appointments have these `numbers`."""
    command, outcome, place = answer.command, answer.outcome, place_of(answer)
    appointment, number = getattr(outcome, "appointment", None), named_number(command)
    decision = OwnDecision(
        use=use_of(command),
        decided_at=answer.decided_at,
        granted=bool(outcome),
        rulebook=answer.rulebook,
        number=number if number in numbers else None,
    )
    if not acts_for(command.actor, subject):
        return decision
    decision = copy_with(decision, actor=command.actor, request_id=command.request_id)
    if place.subject != subject:
        return decision
    return copy_with(
        decision,
        verdicts=outcome.verdicts if isinstance(outcome, Refused) else (),
        number=decision.number if appointment is None else appointment.number,
        slot=place.slot or (None if appointment is None else appointment.slot),
        assertions=getattr(command, "assertions", None),
        evidence=getattr(command, "evidence", None),
    )


def without_others(occurrence: Occurrence, own: Applicant) -> Occurrence:
    """An occurrence about another person in which `own` acted, without anything of this other person."""
    actor = occurrence.actor if acts_for(occurrence.actor, own.subject) else own
    return copy_with(occurrence, actor=actor, number=None, subject=None, branch=None, service=None, slot=None, note="")


def delegate_of(actor: Actor | Auditor, subject: Subject) -> Delegate[Applicant] | None:
    """The delegate for the person, None for any other actor."""
    return actor if isinstance(actor, Delegate) and actor.applicant.subject == subject else None


def acts_for(actor: Actor | Auditor, subject: Subject) -> bool:
    """False for another person who is no delegate of this one."""
    match actor:
        case Applicant(subject=own) | Delegate(applicant=Applicant(subject=own)):
            return own == subject
        case _:
            return True
