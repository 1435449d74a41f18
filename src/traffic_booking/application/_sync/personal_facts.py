"""The facts of a person for a search of the slots that they could book, or to which they could move an appointment.

Made from `traffic_booking.application.personal_facts` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from traffic_booking.application.arguments import person
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, MoveAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import FactsQuery
from traffic_booking.domain.decisions.moving import NO_REQUEST
from traffic_booking.domain.people.actors import Requester, actor_of, persons_of, requester
from traffic_booking.domain.people.applicants import stranger
from traffic_booking.domain.people.assertions import Assertions, vouched
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.searching.personal import PersonalSearch
from traffic_booking.persistence._sync.appointment_book import AppointmentBook


def to_book(
    book: AppointmentBook,
    configuration: Configuration,
    applicant: PersonId,
    by: Requester | None,
    assertions: Assertions | None,
    now: datetime,
) -> PersonalSearch:
    """The search of the slots that `by`, the applicant if left out, could book for the applicant. One round trip."""
    checked = person(applicant)
    acting = checked if by is None else requester(by)
    persons = tuple(dict.fromkeys((checked, *persons_of(acting))))
    (facts,) = book.facts([FactsQuery(request_id=NO_REQUEST, persons=persons)])
    known = facts.known
    applicants = {each: known.get(each) or stranger(each) for each in persons}
    if facts.person_state is None:
        facts = facts.with_person_state(PersonState(applicants[checked]))
    command = BookSlot(
        request_id=NO_REQUEST,
        actor=actor_of(acting, applicants.__getitem__),
        applicant=applicants[checked],
        slot=_NO_SLOT,
        agreed=True,
        assertions=vouched(assertions),
    )
    return PersonalSearch(configuration, command, facts, now)


def to_move(
    book: AppointmentBook,
    configuration: Configuration,
    appointment: Appointment,
    by: Requester,
    assertions: Assertions | None,
    now: datetime,
) -> PersonalSearch:
    """The search of the slots to which `by`, who may see the appointment, could move it. One round trip."""
    acting = requester(by)
    query = FactsQuery(request_id=NO_REQUEST, persons=persons_of(acting), number=appointment.number)
    (facts,) = book.facts([query])
    known = facts.known
    command = MoveAppointment(
        request_id=NO_REQUEST,
        actor=actor_of(acting, lambda each: known.get(each) or stranger(each)),
        number=appointment.number,
        slot=_NO_SLOT,
        agreed=True,
        assertions=vouched(assertions),
    )
    return PersonalSearch(configuration, command, facts, now)


_NO_SLOT: Final = SlotKey(BranchId("none"), ServiceId("none"), datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
"""The slot of a command that is not about one yet."""
