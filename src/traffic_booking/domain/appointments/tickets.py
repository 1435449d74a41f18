"""A ticket: the printable content of an appointment, or of its cancellation, with a masked id."""

import unicodedata
from datetime import datetime
from typing import Final, Literal

from attrs import Factory, field
from attrs.converters import optional

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.states import DUE, AppointmentState
from traffic_booking.domain.appointments.ticket_codes import TicketCode
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.errors import InvalidInput, is_arabic
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.applicants import ERASED
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import Branch, Governorate
from traffic_booking.domain.places.services import Condition, RequiredDocument, Service
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.text_input import plain_text, typed_text
from traffic_booking.domain.values import frozen

TicketLanguage = Literal["ar", "en", "both"]
"""The languages of a ticket: Arabic, English, or Arabic with English beside it."""
LONGEST_PRINTED_NAME: Final = 500
REPLACEMENT: Final = "\ufffd"

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def ticket_languages(language: object) -> tuple[Language, ...]:
    """The languages in which a ticket is written, the first one first. Raises `InvalidInput` for any other."""
    if plain_text(language, "language", "ar, en or both") == "both":
        return ("ar", "en")
    try:
        return ("ar",) if is_arabic(language) else ("en",)
    except InvalidInput as error:
        raise InvalidInput(error.field, got=error.got, expected="ar, en or both") from None


def printed_name(text: object) -> str:
    """`text`, cleaned, of at most 500 characters; it may be empty. Raises `InvalidInput`, which omits the text.

    Invisible characters that are not dropped become U+FFFD: a name from a register is printed as it can be.
    """
    clean = typed_text(text, "printed_name", longest=LONGEST_PRINTED_NAME)
    if len(clean) > LONGEST_PRINTED_NAME:
        expected = f"at most {LONGEST_PRINTED_NAME} characters"
        raise InvalidInput("printed_name", got=f"{len(clean)} characters", expected=expected)
    if clean.isprintable():
        return clean
    return "".join(REPLACEMENT if unicodedata.category(each) in _INVISIBLE else each for each in clean)


@frozen(kw_only=True)
class TicketLimits:
    """The times that rules set for a ticket (UTC), and the cost of cancelling late.

    The appointment may be cancelled before `cancel_until`; None if no rule ends that time, or nothing can be cancelled.
    A cancellation less than `late_minutes` before the start bars the person from the service for `late_block_days`;
    both are 0 if no cancellation that is granted can be late. The check-in is open from `check_in_from` to
    `check_in_until`, both inclusive; None if no rule limits it.
    """

    cancel_until: datetime | None = field(default=None, converter=optional(instant))
    late_minutes: int = 0
    late_block_days: int = 0
    check_in_from: datetime | None = field(default=None, converter=optional(instant))
    check_in_until: datetime | None = field(default=None, converter=optional(instant))


def _unsigned(ticket: "Ticket") -> TicketCode:
    return TicketCode(ticket.appointment.number, signed=False)


@frozen(kw_only=True)
class Ticket:
    """The content of a ticket: the appointment, with its places, service, documents, code and limits.

    `person` is the applicant, None after their erasure. `printed_name` is their name as the host gave it, or empty; it
    is never stored, and not in the `repr`. `documents` and `conditions` are those for the applicant's kind of id.
    `arrive_by` (UTC) is the start, or earlier if the instructions ask for that.
    """

    appointment: Appointment
    person: PersonId | None
    service: Service
    branch: Branch
    governorate: Governorate
    documents: tuple[RequiredDocument, ...]
    conditions: tuple[Condition, ...] = ()
    printed_name: str = field(default="", converter=printed_name, repr=False)
    code: TicketCode = Factory(_unsigned, takes_self=True)
    limits: TicketLimits = TicketLimits()

    def masked_id(self, language: Language) -> str:
        """The last four digits of the applicant's id, or a mark that it was erased."""
        erased = ERASED(language)
        return erased if self.person is None else str(self.person)

    @property
    def is_valid(self) -> bool:
        """True if a visit is due: booked or checked in, neither cancelled nor a hold. Only then the code is shown."""
        return self.appointment.state in DUE

    @property
    def arrive_by(self) -> datetime:
        """The instant by which the applicant is asked to be at the branch."""
        return self.appointment.slot.starts_at - self.service.instructions.early

    @property
    def instructions(self) -> Bilingual | None:
        """The instructions to follow; None if the applicant agreed to another version, or has nothing to follow."""
        current = self.service.instructions
        agreed = self.appointment.instructions == current.version
        return current.text if agreed and self.appointment.state is not AppointmentState.CANCELLED else None

    @property
    def map_link(self) -> str:
        """A link to the branch on a map. It works in every browser, unlike a geo link, and loads nothing before."""
        at = self.branch.location
        return f"https://www.openstreetmap.org/?mlat={at.latitude:.5f}&mlon={at.longitude:.5f}"


def ticket_of(
    catalogue: Catalogue,
    appointment: Appointment,
    person: PersonId | None,
    *,
    printed_name: str = "",
    code: TicketCode | None = None,
    limits: TicketLimits | None = None,
) -> Ticket:
    """The ticket of `appointment`, with the catalogue's texts. Raises `NotFound` if the catalogue lacks an entry.

    Without a `code` it is the bare number, unsigned.
    """
    branch, service = catalogue.branch(appointment.slot.branch), catalogue.service(appointment.slot.service)
    return Ticket(
        appointment=appointment,
        person=person,
        service=service,
        branch=branch,
        governorate=catalogue.governorate(branch.governorate),
        documents=service.documents_for(appointment.applicant.holder),
        conditions=service.conditions_for(appointment.applicant.holder),
        printed_name=printed_name,
        code=code or TicketCode(appointment.number, signed=False),
        limits=limits or TicketLimits(),
    )
