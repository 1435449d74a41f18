"""Appointments and cases for the tests of rules: every rule grants such a case until one part is changed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from attrs import asdict
from attrs import evolve as copy_with

from tests.bookings import ME, number
from tests.calendars import PLAIN
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.people.actors import Actor, Clerk, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import InstructionsVersion, ServiceId
from traffic_booking.domain.rules.cases import BookingCase, MoveCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS, Rulebook
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.wording import counted

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OPENING = START + timedelta(hours=1)
"""Sunday 22 November 2026, 08:00 in Riyadh: when the small town's branches open."""
CLERK = Clerk("counter-3")
STAFF = (CLERK, System())
CATALOGUE = small_catalogue(capacity=2)
IN_FORCE = InstructionsVersion("2026-11-01")
"""The version of all instructions of the small town."""


def slot_key(branch: str = "north", service: str = "renewal", starts_at: datetime = OPENING) -> SlotKey:
    """The key of the slot of that service that starts then; the default is the opening."""
    return SlotKey(BranchId(branch), ServiceId(service), starts_at)


def appointment(
    serial: int = 1,
    *,
    starts_at: datetime = OPENING,
    minutes: float = 15,
    service: str = "renewal",
    branch: str = "north",
    state: AppointmentState = AppointmentState.BOOKED,
    applicant: Applicant = ME,
    hold_ends_at: datetime | None = None,
    cancelled_by_applicant_at: datetime | None = None,
) -> Appointment:
    """An appointment in that state; a hold ends ten minutes after START unless `hold_ends_at` is given."""
    if state is AppointmentState.HELD and hold_ends_at is None:
        hold_ends_at = START + 10 * MINUTE
    return Appointment(
        number=number(serial),
        version=1 if state in {AppointmentState.HELD, AppointmentState.BOOKED} else 2,
        state=state,
        slot=slot_key(branch, service, starts_at),
        slot_ends_at=starts_at + timedelta(minutes=minutes),
        time_zone="Asia/Riyadh",
        applicant=applicant,
        rulebook="test-1",
        changed_at=START,
        hold_ends_at=hold_ends_at,
        instructions=None if state is AppointmentState.HELD else IN_FORCE,
        cancelled_by_applicant_at=cancelled_by_applicant_at,
    )


def hold(serial: int = 1, *, hold_ends_at: datetime | None = None, **parts: Any) -> Appointment:
    """A hold, made by `appointment`."""
    return appointment(serial, state=AppointmentState.HELD, hold_ends_at=hold_ends_at, **parts)


def conditions_of(catalogue: Catalogue = CATALOGUE, rulebook: Rulebook | None = None) -> Configuration:
    """A configuration whose calendar has only weekends off."""
    return Configuration(catalogue, rulebook or small_rulebook(), BranchCalendars(PLAIN))


def booking_case(**parts: Any) -> BookingCase:
    """A case that every rule of booking grants at START, with some parts changed."""
    key = parts.pop("key", slot_key())
    case = BookingCase(
        actor=ME,
        applicant=ME,
        key=key,
        service=CATALOGUE.conditions_of(key.service),
        offered=True,
        slot=conditions_of().slot(key),
        seats_taken=0,
        others=(),
        agreed=IN_FORCE,
    )
    return copy_with(case, **parts)


def move_case(moved: Appointment | None = None, **parts: Any) -> MoveCase:
    """A case of moving that every rule grants at START: from the opening a day later to the opening."""
    one = moved or appointment(starts_at=OPENING + DAY)
    like = booking_case(**{"applicant": one.applicant, **parts})
    fields = asdict(like, recurse=False)
    return MoveCase(**fields, appointment=one, slot_was_closed=False)


def verdict_of(rule_id: str, case: object, now: datetime = START, **figures: int) -> Verdict:
    """The verdict of one rule, with those figures if it has any."""
    rulebook = small_rulebook("test-1", **({rule_id: figures} if figures else {}))
    return rulebook[rule_id].check(case, now)


def check_sentences(verdict: Verdict, *figures: int) -> None:
    """The verdict has its sentence in Arabic and in English, each with the rule's figures filled in.

    The figures have the units of the rule's parameters, counted as in the language.
    """
    arabic, english = verdict.statement("ar"), verdict.statement("en")
    assert any("\u0600" <= letter <= "\u06ff" for letter in arabic)
    assert english.isascii()
    for text in (arabic, english):
        assert "{" not in text
    units = [each.unit for one in DEFINITIONS if one.id == verdict.rule_id for each in one.parameters]
    for figure in figures:
        expected = [counted(figure, unit) for unit in units]
        assert any(each.en in english and each.ar in arabic for each in expected), (figure, english, arabic)


def verdicts_on_request(
    use: Use,
    key: SlotKey,
    *,
    person_state: Iterable[Appointment] = (),
    seats_taken: int = 0,
    agreed: InstructionsVersion | bool = True,
    actor: Actor = ME,
    applicant: Applicant = ME,
    now: datetime = START,
    rulebook: Rulebook | None = None,
    catalogue: Catalogue = CATALOGUE,
) -> dict[str, Verdict]:
    """The broken rules of a request to hold or book, in the order of the answer."""
    facts = Facts(person_state=PersonState(applicant, 1, tuple(person_state)), seats_taken={key: seats_taken})
    configuration = conditions_of(catalogue, rulebook)
    if use is Use.HOLD:
        holding = HoldSlot(request_id=RequestId("r"), actor=actor, applicant=applicant, slot=key)
        change = decide_hold(configuration, holding, facts, number(999), now)
    else:
        booking = BookSlot(request_id=RequestId("r"), actor=actor, applicant=applicant, slot=key, agreed=agreed)
        change = decide_booking(configuration, booking, facts, number(999), now)
    assert change.answer is not None
    outcome = change.answer.outcome
    if not isinstance(outcome, Refused):
        return {}
    assert not any(verdict.granted for verdict in outcome.verdicts)
    return {verdict.rule_id: verdict for verdict in outcome.verdicts}
