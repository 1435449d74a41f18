"""A ticket: the printable content of an appointment, or of its cancellation, with a masked id."""

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.people.applicants import ERASED
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import Branch, Governorate
from traffic_booking.domain.places.services import RequiredDocument, Service
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class Ticket:
    """The content of a ticket: the appointment, with its places, service and documents.

    `person` is the applicant, None after their erasure.
    """

    appointment: Appointment
    person: PersonId | None
    service: Service
    branch: Branch
    governorate: Governorate
    documents: tuple[RequiredDocument, ...]

    def masked_id(self, language: Language) -> str:
        """The last four digits of the applicant's id, or a mark that it was erased."""
        erased = ERASED(language)
        return erased if self.person is None else str(self.person)


def ticket_of(catalogue: Catalogue, appointment: Appointment, person: PersonId | None) -> Ticket:
    """The ticket of `appointment`, with the catalogue's texts. Raises `NotFound` if the catalogue lacks an entry."""
    branch, service = catalogue.branch(appointment.slot.branch), catalogue.service(appointment.slot.service)
    return Ticket(
        appointment=appointment,
        person=person,
        service=service,
        branch=branch,
        governorate=catalogue.governorate(branch.governorate),
        documents=service.documents_for(appointment.applicant.holder),
    )
