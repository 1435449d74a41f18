"""A ticket: all that its printed form shows of an appointment, or of its cancellation. The applicant's id is masked."""

from attrs import frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.people.applicants import ERASED
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import Branch, Governorate
from traffic_booking.domain.places.services import RequiredDocument, Service
from traffic_booking.domain.schedule.catalogue import Catalogue


@frozen(kw_only=True)
class Ticket:
    """The content of a ticket: the appointment, and the places, service and documents that it names.

    `person` is the applicant, None once they are erased.
    """

    appointment: Appointment
    person: PersonId | None
    service: Service
    branch: Branch
    governorate: Governorate
    documents: tuple[RequiredDocument, ...]

    def masked_id(self, language: Language) -> str:
        """The last four digits of the applicant's id, or that it was erased."""
        return ERASED(language) if self.person is None else str(self.person)


def ticket_of(catalogue: Catalogue, appointment: Appointment, person: PersonId | None) -> Ticket:
    """The ticket of `appointment`, in the catalogue's words. Raises `NotFound` if it no longer has them."""
    branch = catalogue.branch(appointment.slot.branch)
    service = catalogue.service(appointment.slot.service)
    return Ticket(
        appointment=appointment,
        person=person,
        service=service,
        branch=branch,
        governorate=catalogue.governorate(branch.governorate),
        documents=service.documents_for(appointment.applicant.holder),
    )
